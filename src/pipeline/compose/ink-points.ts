import type { TextMask } from './text-mask.ts';

/** The pixels that a mask covers at all: most of a text's rectangle is empty. Coordinates from the mask's corner. */
export interface InkPoints {
  readonly xs: Int16Array;
  readonly ys: Int16Array;
  /** 1…255. */
  readonly alphas: Uint8Array;
  /** None of them lies beyond. */
  readonly right: number;
  readonly bottom: number;
}

interface InkOfMask {
  readonly luma: InkPoints;
  /** Of chroma samples, by whether the mask's left and top edges are odd: `odd left + 2 × odd top`. */
  readonly chroma: (InkPoints | undefined)[];
}

const known = new WeakMap<TextMask, InkOfMask>();

/** Of each pixel. */
export function lumaPoints(mask: TextMask): InkPoints {
  return inkOf(mask).luma;
}

/**
 * Of each chroma sample, which has the mean of its two by two pixels.
 * @param left where the mask lies in the picture; coordinates are chroma samples from `left >> 1`, `top >> 1`
 */
export function chromaPoints(mask: TextMask, left: number, top: number): InkPoints {
  const { chroma } = inkOf(mask);
  const [oddLeft, oddTop] = [left & 1, top & 1];
  return (chroma[oddLeft + 2 * oddTop] ??= points((mask.width + oddLeft + 1) >> 1, (mask.height + oddTop + 1) >> 1, (x, y) => {
    let sum = 0;
    for (const row of [2 * y - oddTop, 2 * y + 1 - oddTop]) for (const column of [2 * x - oddLeft, 2 * x + 1 - oddLeft]) sum += alphaAt(mask, column, row);
    return Math.round(sum / 4);
  }));
}

function inkOf(mask: TextMask): InkOfMask {
  let ink = known.get(mask);
  if (ink === undefined) known.set(mask, (ink = { luma: points(mask.width, mask.height, (x, y) => alphaAt(mask, x, y)), chroma: [] }));
  return ink;
}

function points(width: number, height: number, alphaOf: (x: number, y: number) => number): InkPoints {
  const found: [x: number, y: number, alpha: number][] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const alpha = alphaOf(x, y);
      if (alpha > 0) found.push([x, y, alpha]);
    }
  }
  return {
    xs: Int16Array.from(found, ([x]) => x),
    ys: Int16Array.from(found, ([, y]) => y),
    alphas: Uint8Array.from(found, ([, , alpha]) => alpha),
    right: width,
    bottom: height,
  };
}

/** Outside of the mask it is zero. */
function alphaAt({ width, height, alpha }: TextMask, x: number, y: number): number {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : alpha[y * width + x]!;
}
