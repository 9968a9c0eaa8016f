import { even } from './rect.ts';

/** Width of lines in pixels, even: a chroma sample covers two. */
export function lineWidth(pictureHeight: number): number {
  return Math.max(2, even(Math.round(pictureHeight / 300)));
}

/** Size of the font in pixels. @param ratio pixels of the picture to one that is seen */
export function textSize(pictureHeight: number, ratio = 1): number {
  return Math.min(Math.round(48 * ratio), Math.max(Math.round(11 * ratio), Math.round(pictureHeight / 44)));
}
