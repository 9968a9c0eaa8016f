import type { Painted } from './template.ts';

/** The picture looking the other way. */
export function mirrored(painted: Painted): Painted {
  const { width, height } = painted;
  const flip = (pixels: Uint8Array): Uint8Array => {
    const from = new Uint32Array(pixels.buffer, pixels.byteOffset, width * height);
    const to = new Uint32Array(width * height);
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1) to[row * width + column] = from[row * width + width - 1 - column]!;
    }
    return new Uint8Array(to.buffer);
  };
  return {
    ...painted,
    anchorX: width - painted.anchorX,
    rgba: flip(painted.rgba),
    glow: painted.glow === undefined ? undefined : flip(painted.glow),
  };
}

/** The picture in another size, each pixel the mean of what it covers. @param ratio new size for old, at most 1 or little more */
export function resized(painted: Painted, ratio: number): Painted {
  if (Math.abs(ratio - 1) < 1e-6) return painted;
  const width = Math.max(1, Math.ceil(painted.width * ratio));
  const height = Math.max(1, Math.ceil(painted.height * ratio));
  const shrink = (pixels: Uint8Array): Uint8Array => resample(pixels, painted.width, painted.height, width, height, ratio);
  return {
    width,
    height,
    anchorX: painted.anchorX * ratio,
    anchorY: painted.anchorY * ratio,
    rgba: shrink(painted.rgba),
    glow: painted.glow === undefined ? undefined : shrink(painted.glow),
  };
}

/** Weights are whole numbers that make up this. */
const WHOLE = 256;

function resample(pixels: Uint8Array, fromWidth: number, fromHeight: number, width: number, height: number, ratio: number): Uint8Array {
  const columns = spans(fromWidth, width, ratio);
  const rows = spans(fromHeight, height, ratio);
  const narrow = new Uint8Array(width * fromHeight * 4);
  for (let row = 0, into = 0; row < fromHeight; row += 1) {
    for (let column = 0; column < width; column += 1, into += 4) {
      average(pixels, (row * fromWidth + columns.first[column]!) * 4, 4, columns, column, narrow, into);
    }
  }
  const small = new Uint8Array(width * height * 4);
  for (let row = 0, into = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, into += 4) {
      average(narrow, (rows.first[row]! * width + column) * 4, width * 4, rows, row, small, into);
    }
  }
  return small;
}

function average(from: Uint8Array, at: number, step: number, { weights, counts, taps }: Spans, index: number, to: Uint8Array, into: number): void {
  let red = WHOLE / 2;
  let green = WHOLE / 2;
  let blue = WHOLE / 2;
  let alpha = WHOLE / 2;
  for (let i = index * taps, p = at, last = i + counts[index]!; i < last; i += 1, p += step) {
    const weight = weights[i]!;
    red += from[p]! * weight;
    green += from[p + 1]! * weight;
    blue += from[p + 2]! * weight;
    alpha += from[p + 3]! * weight;
  }
  to[into] = red >> 8;
  to[into + 1] = green >> 8;
  to[into + 2] = blue >> 8;
  to[into + 3] = alpha >> 8;
}

interface Spans {
  /** The first sample of each new one, how many there are, and their weights. */
  readonly first: Uint32Array;
  readonly counts: Uint8Array;
  readonly weights: Uint16Array;
  /** Places for weights of each new sample. */
  readonly taps: number;
}

/** Which samples of `from` lie under each of `to` samples, and how much of each. */
function spans(from: number, to: number, ratio: number): Spans {
  const size = 1 / ratio;
  const taps = Math.ceil(size) + 1;
  const result = { first: new Uint32Array(to), counts: new Uint8Array(to), weights: new Uint16Array(to * taps), taps };
  for (let i = 0; i < to; i += 1) {
    const start = i * size;
    const begin = Math.min(from - 1, Math.floor(start));
    const count = Math.min(taps, from - begin, Math.max(1, Math.ceil(start + size) - begin));
    result.first[i] = begin;
    result.counts[i] = count;
    // Rounded so that the weights make up the whole, or less at the last sample, beyond which nothing is.
    let given = 0;
    for (let k = 0; k < count; k += 1) {
      const upTo = Math.round(Math.min(1, (begin + k + 1 - start) / size) * WHOLE);
      result.weights[i * taps + k] = upTo - given;
      given = upTo;
    }
  }
  return result;
}
