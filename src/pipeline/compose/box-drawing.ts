import type { OverlayOptions } from './options.ts';
import { even, type Rect } from './rect.ts';

/** What boxes are drawn with: the planes of a picture, or a canvas in a browser. Coordinates are whole pixels, right and bottom excluded. */
export interface BoxPainter<Color> {
  fill(left: number, top: number, right: number, bottom: number, color: Color): void;
  /** Darkens an area. */
  shade(left: number, top: number, right: number, bottom: number): void;
}

/** A box must measure this many line widths for its corners to be accented. */
const ACCENTED_FROM = 16;
/** Smaller ones have all their sides in any style. */
const CORNERED_FROM = 6;
/** Lengths in line widths. */
const LONGEST_ARM = 10;
const DASH = 4;

/**
 * Draws a box inside its area: thin sides with strong corners. A dark contour of one pixel around it keeps it readable on any picture.
 *
 * @param line width of a side in pixels, even
 * @param carried whether the box was computed on an earlier frame: it is dashed, or has thinner corners
 */
export function drawBox<Color>(painter: BoxPainter<Color>, rect: Rect, line: number, color: Color, { carried, style = 'box' }: { carried: boolean; style?: OverlayOptions['style'] }): void {
  const shorter = Math.min(rect.right - rect.left, rect.bottom - rect.top);
  if (style === 'corners' && shorter >= CORNERED_FROM * line) {
    return drawCorners(painter, rect, carried ? line : line + 2, even(Math.min(LONGEST_ARM * line, shorter / 3)), color);
  }
  drawContour(painter, rect);
  drawSides(painter, rect, line, carried ? DASH * line : Infinity, color);
  if (!carried && shorter >= ACCENTED_FROM * line) drawCorners(painter, rect, line + 2, even(Math.min(LONGEST_ARM * line, shorter / 4)), color);
}

/** Darkens the pixels around an area. */
export function drawContour(painter: BoxPainter<never>, { left, top, right, bottom }: Rect): void {
  painter.shade(left - 1, top - 1, right + 1, top);
  painter.shade(left - 1, bottom, right + 1, bottom + 1);
  painter.shade(left - 1, top, left, bottom);
  painter.shade(right, top, right + 1, bottom);
}

function drawSides<Color>(painter: BoxPainter<Color>, { left, top, right, bottom }: Rect, line: number, dash: number, color: Color): void {
  for (const [from, to] of strokes(left, right, dash)) {
    painter.fill(from, top, to, Math.min(bottom, top + line), color);
    painter.fill(from, Math.max(top, bottom - line), to, bottom, color);
  }
  for (const [from, to] of strokes(top, bottom, dash)) {
    painter.fill(left, from, Math.min(right, left + line), to, color);
    painter.fill(Math.max(left, right - line), from, right, to, color);
  }
}

function drawCorners<Color>(painter: BoxPainter<Color>, { left, top, right, bottom }: Rect, thick: number, arm: number, color: Color): void {
  for (const y of [top, bottom - thick]) {
    painter.fill(left, y, left + arm, y + thick, color);
    painter.fill(right - arm, y, right, y + thick, color);
  }
  for (const x of [left, right - thick]) {
    painter.fill(x, top, x + thick, top + arm, color);
    painter.fill(x, bottom - arm, x + thick, bottom, color);
  }
}

/** The strokes of a dashed line, of about the given length and with gaps as long; it begins and ends with one, so that corners are closed. */
function strokes(from: number, to: number, dash: number): [number, number][] {
  const gaps = Math.round((to - from - dash) / (2 * dash));
  if (!(gaps > 0)) return [[from, to]];
  const step = (to - from) / (2 * gaps + 1);
  return Array.from({ length: gaps + 1 }, (_, i) => [from + even(2 * i * step), i === gaps ? to : from + even((2 * i + 1) * step)]);
}
