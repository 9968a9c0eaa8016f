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

/** Lays a sprite over a picture with its upper left corner at (x, y), whole pixels; what lies outside is left out. */
export function blit(canvas: Canvas, sprite: Sprite, x: number, y: number): void {
  const { width, height, planes, strides } = canvas;
  if (x >= width || y >= height || x + sprite.width <= 0 || y + sprite.height <= 0) return;
  blitLuma(planes[0], strides[0], width, height, sprite, x, y);
  const chroma = sprite.chroma((x & 1) as 0 | 1, (y & 1) as 0 | 1);
  const [column, row] = [x >> 1, y >> 1];
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  const left = Math.max(0, -column);
  const right = Math.min(chroma.width, chromaWidth - column);
  const [, planeU, planeV] = planes;
  for (let line = Math.max(0, -row); line < Math.min(chroma.height, chromaHeight - row); line += 1) {
    let from = line * chroma.width + left;
    let toU = (row + line) * strides[1] + column + left;
    let toV = (row + line) * strides[2] + column + left;
    for (let i = left; i < right; i += 1, from += 1, toU += 1, toV += 1) {
      const alpha = chroma.alpha[from]!;
      if (alpha === 0) continue;
      if (alpha === 255) {
        planeU[toU] = chroma.u[from]!;
        planeV[toV] = chroma.v[from]!;
        continue;
      }
      const rest = 255 - alpha;
      planeU[toU] = chroma.u[from]! + divided(planeU[toU]! * rest);
      planeV[toV] = chroma.v[from]! + divided(planeV[toV]! * rest);
    }
  }
}

function blitLuma(plane: Uint8Array, stride: number, width: number, height: number, sprite: Sprite, x: number, y: number): void {
  const { luma, alpha: alphas } = sprite;
  const left = Math.max(0, -x);
  const right = Math.min(sprite.width, width - x);
  for (let line = Math.max(0, -y); line < Math.min(sprite.height, height - y); line += 1) {
    let from = line * sprite.width + left;
    let to = (y + line) * stride + x + left;
    for (let i = left; i < right; i += 1, from += 1, to += 1) {
      const alpha = alphas[from]!;
      if (alpha === 0) continue;
      plane[to] = alpha === 255 ? luma[from]! : luma[from]! + divided(plane[to]! * (255 - alpha));
    }
  }
}

/** A product of two bytes, divided by 255 and rounded. */
function divided(product: number): number {
  const t = product + 128;
  return (t + (t >> 8)) >> 8;
}
