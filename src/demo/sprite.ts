import { BLUE, LUMA, RED } from './colour.ts';
import type { LightLook } from './light.ts';
import type { Bounds } from './raster.ts';
import type { Painted } from './template.ts';

/** Alpha from which on a pixel counts as belonging to the thing: low, so that spokes and straps of small sprites count too. */
export const OPAQUE = 64;

/** Chroma planes for one parity of a sprite's position: U, V and alpha of each 2×2 block. */
export interface ChromaBlocks {
  readonly width: number;
  readonly height: number;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly alpha: Uint8Array;
}

/** Of each row: the columns that are not transparent, and among them the longest run of columns that are opaque; ends are exclusive. */
export interface RowSpans {
  readonly start: Uint16Array;
  readonly end: Uint16Array;
  readonly solidStart: Uint16Array;
  readonly solidEnd: Uint16Array;
}

/** A picture of a thing in one light, ready to be laid over a frame: premultiplied limited-range BT.709 YUV with alpha. */
export class Sprite {
  readonly width: number;
  readonly height: number;
  readonly anchorX: number;
  readonly anchorY: number;
  readonly luma: Buffer;
  readonly alpha: Uint8Array;
  readonly rows: RowSpans;
  /** The box of the opaque pixels; undefined where there is none. */
  readonly bounds: Bounds | undefined;
  /** Number of opaque pixels. */
  readonly area: number;
  readonly #u: Uint8Array;
  readonly #v: Uint8Array;
  readonly #chroma: (ChromaBlocks | undefined)[] = [];

  constructor(painted: Painted, look: LightLook) {
    const { width, height, rgba, glow } = painted;
    this.width = width;
    this.height = height;
    this.anchorX = painted.anchorX;
    this.anchorY = painted.anchorY;
    this.luma = Buffer.alloc(width * height);
    this.alpha = new Uint8Array(width * height);
    this.#u = new Uint8Array(width * height);
    this.#v = new Uint8Array(width * height);
    const [lightRed, lightGreen, lightBlue] = look.ambient;
    const { glow: strength } = look;
    for (let i = 0, p = 0; i < width * height; i += 1, p += 4) {
      let alpha = rgba[p + 3]!;
      const shine = glow === undefined ? 0 : glow[p + 3]! * strength;
      if (alpha === 0 && shine < 1) continue;
      let red = Math.min(alpha, rgba[p]! * lightRed);
      let green = Math.min(alpha, rgba[p + 1]! * lightGreen);
      let blue = Math.min(alpha, rgba[p + 2]! * lightBlue);
      if (glow !== undefined && shine >= 1) {
        const rest = 1 - shine / 255;
        red = red * rest + glow[p]! * strength;
        green = green * rest + glow[p + 1]! * strength;
        blue = blue * rest + glow[p + 2]! * strength;
        alpha = (alpha * rest + shine + 0.5) | 0;
      }
      // All sums are positive, so that adding a half and cutting off rounds.
      this.alpha[i] = alpha;
      this.luma[i] = (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue + (16 / 255) * alpha + 0.5) | 0;
      this.#u[i] = (BLUE[0] * red + BLUE[1] * green + BLUE[2] * blue + (128 / 255) * alpha + 0.5) | 0;
      this.#v[i] = (RED[0] * red + RED[1] * green + RED[2] * blue + (128 / 255) * alpha + 0.5) | 0;
    }
    this.rows = spansOf(this.alpha, width, height);
    this.bounds = boundsOf(this.alpha, width, { left: 0, top: 0, right: width, bottom: height });
    this.area = this.areaWithin({ left: 0, top: 0, right: width, bottom: height });
  }

  /** Number of opaque pixels inside a part of the sprite. */
  areaWithin({ left, top, right, bottom }: Bounds): number {
    let count = 0;
    for (let row = top; row < bottom; row += 1) {
      for (let i = row * this.width + left; i < row * this.width + right; i += 1) if (this.alpha[i]! >= OPAQUE) count += 1;
    }
    return count;
  }

  /** The box of the opaque pixels inside a part of the sprite, from the sprite's corner. */
  boundsWithin(part: Bounds): Bounds | undefined {
    return boundsOf(this.alpha, this.width, part);
  }

  /** Chroma for a position whose column and row are odd or even. */
  chroma(oddX: 0 | 1, oddY: 0 | 1): ChromaBlocks {
    const parity = oddX + 2 * oddY;
    return (this.#chroma[parity] ??= this.#blocks(oddX, oddY));
  }

  #blocks(oddX: 0 | 1, oddY: 0 | 1): ChromaBlocks {
    const width = (this.width + oddX + 1) >> 1;
    const height = (this.height + oddY + 1) >> 1;
    const blocks = { width, height, u: new Uint8Array(width * height), v: new Uint8Array(width * height), alpha: new Uint8Array(width * height) };
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        let [u, v, alpha] = [2, 2, 2];
        for (let corner = 0; corner < 4; corner += 1) {
          const x = column * 2 - oddX + (corner & 1);
          const y = row * 2 - oddY + (corner >> 1);
          if (x < 0 || y < 0 || x >= this.width || y >= this.height) continue;
          const i = y * this.width + x;
          u += this.#u[i]!;
          v += this.#v[i]!;
          alpha += this.alpha[i]!;
        }
        const at = row * width + column;
        blocks.u[at] = u >> 2;
        blocks.v[at] = v >> 2;
        blocks.alpha[at] = alpha >> 2;
      }
    }
    return blocks;
  }
}

function spansOf(alpha: Uint8Array, width: number, height: number): RowSpans {
  const rows: RowSpans = {
    start: new Uint16Array(height),
    end: new Uint16Array(height),
    solidStart: new Uint16Array(height),
    solidEnd: new Uint16Array(height),
  };
  for (let row = 0; row < height; row += 1) {
    const line = row * width;
    let first = 0;
    while (first < width && alpha[line + first] === 0) first += 1;
    let end = width;
    while (end > first && alpha[line + end - 1] === 0) end -= 1;
    rows.start[row] = first;
    rows.end[row] = end;
    for (let column = first; column < end; column += 1) {
      if (alpha[line + column] !== 255) continue;
      const begin = column;
      while (column < end && alpha[line + column] === 255) column += 1;
      if (column - begin <= rows.solidEnd[row]! - rows.solidStart[row]!) continue;
      rows.solidStart[row] = begin;
      rows.solidEnd[row] = column;
    }
  }
  return rows;
}

function boundsOf(alpha: Uint8Array, width: number, part: Bounds): Bounds | undefined {
  let [left, top, right, bottom] = [part.right, part.bottom, part.left, part.top];
  for (let row = part.top; row < part.bottom; row += 1) {
    const start = row * width;
    let first = part.left;
    while (first < part.right && alpha[start + first]! < OPAQUE) first += 1;
    if (first === part.right) continue;
    let last = part.right - 1;
    while (alpha[start + last]! < OPAQUE) last -= 1;
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
    top = Math.min(top, row);
    bottom = row + 1;
  }
  return right > left ? { left, top, right, bottom } : undefined;
}
