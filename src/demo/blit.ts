import type { Sprite } from './sprite.ts';

/** A planar YUV 4:2:0 picture of 8 bit that is drawn upon. Chroma is `ceil(width / 2)` by `ceil(height / 2)`. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** Y, U, V. */
  readonly planes: readonly [Uint8Array, Uint8Array, Uint8Array];
  /** Bytes from one row of a plane to the next. */
  readonly strides: readonly [number, number, number];
}

/** Opaque pixels in a row from which on one copy is quicker than one by one. */
const WORTH_COPYING = 32;

/** Lays a sprite over a picture with its upper left corner at (x, y), whole pixels; what lies outside is left out. */
export function blit(canvas: Canvas, sprite: Sprite, x: number, y: number): void {
  const { width, height, planes, strides } = canvas;
  if (x >= width || y >= height || x + sprite.width <= 0 || y + sprite.height <= 0) return;
  blitLuma(planes[0], strides[0], width, height, sprite, x, y);
  const { u, v, alpha, ...size } = sprite.chroma((x & 1) as 0 | 1, (y & 1) as 0 | 1);
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  blitChroma(planes[1], strides[1], columns, rows, u, alpha, size, x >> 1, y >> 1);
  blitChroma(planes[2], strides[2], columns, rows, v, alpha, size, x >> 1, y >> 1);
}

function blitLuma(plane: Uint8Array, stride: number, width: number, height: number, sprite: Sprite, x: number, y: number): void {
  const { luma, alpha, rows } = sprite;
  const bottom = Math.min(sprite.height, height - y);
  for (let line = Math.max(0, -y); line < bottom; line += 1) {
    const start = line * sprite.width;
    const shift = (y + line) * stride + x - start;
    const left = Math.max(rows.start[line]!, -x);
    const right = Math.min(rows.end[line]!, width - x);
    const solidLeft = Math.max(rows.solidStart[line]!, left);
    const solidRight = Math.min(rows.solidEnd[line]!, right);
    if (solidRight - solidLeft < WORTH_COPYING) {
      blend(plane, shift, luma, alpha, start + left, start + right);
      continue;
    }
    blend(plane, shift, luma, alpha, start + left, start + solidLeft);
    luma.copy(plane, start + solidLeft + shift, start + solidLeft, start + solidRight);
    blend(plane, shift, luma, alpha, start + solidRight, start + right);
  }
}

function blitChroma(
  plane: Uint8Array,
  stride: number,
  columns: number,
  rows: number,
  values: Uint8Array,
  alphas: Uint8Array,
  size: { readonly width: number; readonly height: number },
  x: number,
  y: number,
): void {
  const left = Math.max(0, -x);
  const right = Math.min(size.width, columns - x);
  const bottom = Math.min(size.height, rows - y);
  for (let line = Math.max(0, -y); line < bottom; line += 1) {
    const start = line * size.width;
    blend(plane, (y + line) * stride + x - start, values, alphas, start + left, start + right);
  }
}

/** Lays values over those of a plane that lie `shift` further on. */
function blend(plane: Uint8Array, shift: number, values: Uint8Array, alphas: Uint8Array, from: number, to: number): void {
  for (let i = from; i < to; i += 1) {
    const alpha = alphas[i]!;
    if (alpha === 255) plane[i + shift] = values[i]!;
    else if (alpha !== 0) plane[i + shift] = values[i]! + divided(plane[i + shift]! * (255 - alpha));
  }
}

/** A product of two bytes, divided by 255 and rounded. */
function divided(product: number): number {
  const t = product + 128;
  return (t + (t >> 8)) >> 8;
}
