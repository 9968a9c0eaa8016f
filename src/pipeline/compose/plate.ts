import { drawContour } from './box-drawing.ts';
import type { PlateColor } from './label-colors.ts';
import type { Painter } from './painter.ts';
import { even, type Rect } from './rect.ts';
import { lineHeight, type TextMask } from './text-mask.ts';

/** What stands on a plate: words, each of one or several masks. Those that are not ready are left out. */
export interface PlateText {
  readonly words: readonly (readonly TextMask[])[];
  /** Of the font, in pixels. */
  readonly size: number;
}

/** Pixels that a plate takes. */
export function plateSize({ words, size }: PlateText): { width: number; height: number } {
  const inner = words.reduce((width, word) => width + widthOf(word) + gapOf(size), -gapOf(size));
  return { width: even(Math.max(0, inner) + 2 * paddingOf(size) + 1), height: even(lineHeight(size) + 1) };
}

/** Draws a plate of one colour with its text. @param rect of the plate's size, even edges */
export function drawPlate(painter: Painter, rect: Rect, { fill, ink }: PlateColor, { words, size }: PlateText): void {
  drawContour(painter, rect);
  painter.fill(rect.left, rect.top, rect.right, rect.bottom, fill);
  let x = rect.left + paddingOf(size);
  for (const word of words) {
    for (const mask of word) {
      painter.ink(mask, x, rect.top + 1, ink);
      x += mask.width;
    }
    x += gapOf(size);
  }
}

function paddingOf(size: number): number {
  return Math.max(3, Math.round(size / 3.5));
}

function gapOf(size: number): number {
  return Math.round(size / 3);
}

function widthOf(word: readonly TextMask[]): number {
  return word.reduce((width, mask) => width + mask.width, 0);
}
