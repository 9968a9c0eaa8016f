import type { Box } from '../annotation.ts';

/** An area of a picture in whole pixels; right and bottom are excluded. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels that a box must measure to be drawn. */
const LEAST = 4;

/** The part of a box that lies in a picture, moved to even edges; undefined for one that is outside, empty or no box at all. */
export function rectOf(box: Box, { width, height }: { width: number; height: number }): Rect | undefined {
  if (!box.every(Number.isFinite)) return undefined;
  const [x, y, w, h] = box;
  const left = even(Math.max(0, Math.round(x * width)));
  const top = even(Math.max(0, Math.round(y * height)));
  const right = even(Math.min(width + 1, Math.round((x + w) * width) + 1));
  const bottom = even(Math.min(height + 1, Math.round((y + h) * height) + 1));
  return right - left >= LEAST && bottom - top >= LEAST ? { left, top, right, bottom } : undefined;
}

/** Rounds down to an even number. */
export function even(value: number): number {
  return Math.floor(value / 2) * 2;
}

/** Pixels that two areas share. */
export function sharedArea(a: Rect, b: Rect): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
