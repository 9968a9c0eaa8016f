import type { Picture } from '../../pipeline/picture.ts';

/** A picture for libwebrtc: I420 without padding between rows, of even width and height, in limited range. */
export interface I420 {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Y, U, V, one after the other. */
  readonly data: Uint8Array;
}

/** Full range to limited (ITU-R BT.601 and BT.709, 8 bit): luma to 16…235, chroma to 16…240. */
const LUMA = Uint8Array.from({ length: 256 }, (_, value) => Math.round(16 + (value * 219) / 255));
const CHROMA = Uint8Array.from({ length: 256 }, (_, value) => Math.round(128 + ((value - 128) * 224) / 255));

/** Packs pictures into one reused buffer: what `pack` returns is valid until its next call. */
export class I420Packer {
  #data = new Uint8Array(0);

  /** Crops odd sizes by one column or row. */
  pack({ width: fullWidth, height: fullHeight, planes, strides, range }: Picture): I420 {
    const [width, height] = [fullWidth & ~1, fullHeight & ~1];
    const size = (width * height * 3) / 2;
    if (this.#data.length !== size) this.#data = new Uint8Array(size);
    let to = 0;
    planes.forEach((plane, index) => {
      const [columns, rows] = index === 0 ? [width, height] : [width / 2, height / 2];
      const levels = range === 'limited' ? undefined : index === 0 ? LUMA : CHROMA;
      for (let row = 0; row < rows; row++, to += columns) {
        const from = row * strides[index]!;
        this.#data.set(plane.subarray(from, from + columns), to);
        if (levels !== undefined) for (let at = to; at < to + columns; at++) this.#data[at] = levels[this.#data[at]!]!;
      }
    });
    return { width, height, data: this.#data };
  }
}
