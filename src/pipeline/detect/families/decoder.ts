import type { ModelManifest } from '../manifest.ts';

/** One output tensor of one frame: `dims` without the batch. */
export interface OutputTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

/** A box as a decoder gives it: corners in pixels of the model's input. */
export interface RawBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** 0…1. */
  readonly score: number;
  /** Index into the manifest's labels. */
  readonly label: number;
}

/**
 * Reads a model's outputs.
 *
 * @param threshold boxes with a lower score are left out
 * @throws DetectError `model-mismatch` where the outputs are not those of the family
 */
export type Decoder = (outputs: readonly OutputTensor[], manifest: ModelManifest, threshold: number) => RawBox[];

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** A box by its centre and size. */
export function centred(cx: number, cy: number, w: number, h: number, score: number, label: number): RawBox {
  return { x1: cx - w / 2, y1: cy - h / 2, x2: cx + w / 2, y2: cy + h / 2, score, label };
}

/** The greatest of `count` values that begin at `from`, one every `step`. */
export function best(data: Floats, from: number, count: number, step = 1): { index: number; value: number } {
  let index = 0;
  let value = -Infinity;
  for (let i = 0, at = from; i < count; i += 1, at += step) {
    if (data[at]! > value) {
      value = data[at]!;
      index = i;
    }
  }
  return { index, value };
}

export type Floats = ArrayLike<number>;

/** The grid of one stride: cells are numbered row by row. */
export interface Grid {
  readonly stride: number;
  readonly columns: number;
  readonly rows: number;
}

/** The grids of a model whose outputs have `cells` cells in all, or undefined where no usual set of strides gives that number. */
export function gridsOf(input: { readonly width: number; readonly height: number }, cells: number): Grid[] | undefined {
  const usual = [
    [8, 16, 32],
    [8, 16, 32, 64],
    [16, 32],
    [16, 32, 64],
  ];
  for (const strides of usual) {
    const grids = strides.map((stride) => ({ stride, columns: Math.ceil(input.width / stride), rows: Math.ceil(input.height / stride) }));
    if (grids.reduce((sum, { columns, rows }) => sum + columns * rows, 0) === cells) return grids;
  }
  return undefined;
}
