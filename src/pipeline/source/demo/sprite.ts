import { BLUE, LUMA, RED } from './colour.ts';
import type { LightLook } from './light.ts';
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

/** Pixels from the sprite's corner; right and bottom are exclusive. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A picture of a thing in one light, ready to be laid over a frame: premultiplied limited-range BT.709 YUV with alpha. */
export class Sprite {
  readonly width: number;
  readonly height: number;
  readonly anchorX: number;
  readonly anchorY: number;
  readonly luma: Uint8Array;
  readonly alpha: Uint8Array;
  /** For each row the first column that is not transparent, and the column after the last one. */
  readonly rowStart: Uint16Array;
  readonly rowEnd: Uint16Array;
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
    this.luma = new Uint8Array(width * height);
    this.alpha = new Uint8Array(width * height);
    this.#u = new Uint8Array(width * height);
    this.#v = new Uint8Array(width * height);
    const [lightRed, lightGreen, lightBlue] = look.ambient;
    for (let i = 0, p = 0; i < width * height; i += 1, p += 4) {
      let alpha = rgba[p + 3]!;
      const shine = glow === undefined ? 0 : glow[p + 3]! * look.glow;
      if (alpha === 0 && shine < 1) continue;
      let red = Math.min(alpha, rgba[p]! * lightRed);
      let green = Math.min(alpha, rgba[p + 1]! * lightGreen);
      let blue = Math.min(alpha, rgba[p + 2]! * lightBlue);
      if (glow !== undefined && shine >= 1) {
        const rest = 1 - shine / 255;
        red = red * rest + glow[p]! * look.glow;
        green = green * rest + glow[p + 1]! * look.glow;
        blue = blue * rest + glow[p + 2]! * look.glow;
        alpha = Math.round(alpha * rest + shine);
      }
      this.alpha[i] = alpha;
      this.luma[i] = Math.round(LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue + (16 * alpha) / 255);
      this.#u[i] = Math.round(BLUE[0] * red + BLUE[1] * green + BLUE[2] * blue + (128 * alpha) / 255);
      this.#v[i] = Math.round(RED[0] * red + RED[1] * green + RED[2] * blue + (128 * alpha) / 255);
    }
    this.rowStart = new Uint16Array(height);
    this.rowEnd = new Uint16Array(height);
    for (let row = 0; row < height; row += 1) {
      let first = 0;
      while (first < width && this.alpha[row * width + first] === 0) first += 1;
      let end = width;
      while (end > first && this.alpha[row * width + end - 1] === 0) end -= 1;
      this.rowStart[row] = first;
      this.rowEnd[row] = end;
    }
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
