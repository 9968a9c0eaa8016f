import type { Picture } from '../picture.ts';
import type { Rect } from './rect.ts';

/** `pixelate`: plain squares. `blur`: the same few values, with smooth ways between them. Neither keeps more of the area than the other. */
export type MosaicStyle = 'pixelate' | 'blur';

/** Squares on the shorter side of an area: too few to know a face by. */
const SQUARES = 7;
/** Least side of a square, in pixels: a small area is of one colour. */
const LEAST = 8;

/**
 * Takes away what an area of a picture shows, in all planes: each square becomes its mean.
 * @param area even edges, inside the picture or one beyond it
 */
export function drawMosaic({ planes, strides, width, height }: Picture, area: Rect, style: MosaicStyle): void {
  const shorter = Math.min(area.right - area.left, area.bottom - area.top);
  const square = Math.max(LEAST, Math.ceil(shorter / SQUARES / 2) * 2);
  const draw = style === 'blur' ? blurred : pixelated;
  draw(planes[0], strides[0], within(area, width, height), square);
  const half: Rect = { left: area.left >> 1, top: area.top >> 1, right: (area.right + 1) >> 1, bottom: (area.bottom + 1) >> 1 };
  for (const plane of [1, 2] as const) draw(planes[plane], strides[plane], within(half, (width + 1) >> 1, (height + 1) >> 1), square / 2);
}

function within({ left, top, right, bottom }: Rect, width: number, height: number): Rect {
  return { left: Math.max(0, left), top: Math.max(0, top), right: Math.min(width, right), bottom: Math.min(height, bottom) };
}

function pixelated(plane: Buffer, stride: number, area: Rect, square: number): void {
  for (let top = area.top; top < area.bottom; top += square) {
    const bottom = Math.min(area.bottom, top + square);
    for (let left = area.left; left < area.right; left += square) {
      const right = Math.min(area.right, left + square);
      const mean = meanOf(plane, stride, { left, top, right, bottom });
      for (let row = top; row < bottom; row++) plane.fill(mean, row * stride + left, row * stride + right);
    }
  }
}

function blurred(plane: Buffer, stride: number, area: Rect, square: number): void {
  const [columns, rows] = [Math.ceil((area.right - area.left) / square), Math.ceil((area.bottom - area.top) / square)];
  if (columns <= 0 || rows <= 0) return;
  const means = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [left, top] = [area.left + column * square, area.top + row * square];
      means[row * columns + column] = meanOf(plane, stride, { left, top, right: Math.min(area.right, left + square), bottom: Math.min(area.bottom, top + square) });
    }
  }
  const across = ways(area.right - area.left, square, columns);
  const down = ways(area.bottom - area.top, square, rows);
  for (let y = 0; y < area.bottom - area.top; y++) {
    const above = down.first[y]! * columns;
    const below = Math.min(rows - 1, down.first[y]! + 1) * columns;
    const share = down.share[y]!;
    const start = (area.top + y) * stride + area.left;
    for (let x = 0; x < area.right - area.left; x++) {
      const left = across.first[x]!;
      const right = Math.min(columns - 1, left + 1);
      const part = across.share[x]!;
      const upper = means[above + left]! * (1 - part) + means[above + right]! * part;
      const lower = means[below + left]! * (1 - part) + means[below + right]! * part;
      plane[start + x] = upper * (1 - share) + lower * share + 0.5;
    }
  }
}

/** For each sample of a line: the square whose middle lies before it, and how far it is on its way to the next one's. */
function ways(length: number, square: number, squares: number): { first: Int16Array; share: Float32Array } {
  const first = new Int16Array(length);
  const share = new Float32Array(length);
  for (let at = 0; at < length; at++) {
    const place = Math.min(squares - 1, Math.max(0, (at + 0.5) / square - 0.5));
    first[at] = Math.floor(place);
    share[at] = place - Math.floor(place);
  }
  return { first, share };
}

function meanOf(plane: Buffer, stride: number, { left, top, right, bottom }: Rect): number {
  let sum = 0;
  for (let row = top; row < bottom; row++) {
    const end = row * stride + right;
    for (let at = row * stride + left; at < end; at++) sum += plane[at]!;
  }
  return Math.round(sum / ((right - left) * (bottom - top)));
}
