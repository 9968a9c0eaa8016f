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

function resample(pixels: Uint8Array, fromWidth: number, fromHeight: number, width: number, height: number, ratio: number): Uint8Array {
  const narrow = new Float32Array(width * fromHeight * 4);
  const columns = spans(fromWidth, width, ratio);
  for (let row = 0; row < fromHeight; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const { first, weights } = columns[column]!;
      average(pixels, (row * fromWidth + first) * 4, 4, weights, narrow, (row * width + column) * 4);
    }
  }
  const small = new Float32Array(width * height * 4);
  spans(fromHeight, height, ratio).forEach(({ first, weights }, row) => {
    for (let column = 0; column < width; column += 1) {
      average(narrow, (first * width + column) * 4, width * 4, weights, small, (row * width + column) * 4);
    }
  });
  return Uint8Array.from(small, Math.round);
}

function average(from: Uint8Array | Float32Array, at: number, step: number, weights: Float32Array, to: Float32Array, into: number): void {
  let [red, green, blue, alpha] = [0, 0, 0, 0];
  for (let i = 0, p = at; i < weights.length; i += 1, p += step) {
    const weight = weights[i]!;
    red += from[p]! * weight;
    green += from[p + 1]! * weight;
    blue += from[p + 2]! * weight;
    alpha += from[p + 3]! * weight;
  }
  to[into] = red;
  to[into + 1] = green;
  to[into + 2] = blue;
  to[into + 3] = alpha;
}

interface Span {
  readonly first: number;
  readonly weights: Float32Array;
}

/** Which samples of `from` lie under each of `to` samples, and how much of each. */
function spans(from: number, to: number, ratio: number): Span[] {
  const size = 1 / ratio;
  return Array.from({ length: to }, (_, i) => {
    const start = i * size;
    const end = start + size;
    const first = Math.min(from - 1, Math.floor(start));
    const last = Math.min(from - 1, Math.ceil(end) - 1);
    const weights = Float32Array.from({ length: last - first + 1 }, (_w, k) => Math.max(0, Math.min(end, first + k + 1) - Math.max(start, first + k)) * ratio);
    return { first, weights };
  });
}
