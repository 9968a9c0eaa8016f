import { gridsOf } from '../pipeline/detect/families/decoder.ts';
import type { Family } from '../pipeline/detect/manifest.ts';
import type { ModelFacts, TensorInfo } from '../pipeline/detect/model-facts.ts';

/** Most boxes of models with built-in suppression. */
const MAX_PICKED = 1000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Infers the family from a file's outputs; undefined if they fit none, or more than one.
 *
 * @param size of the model's input, pixels
 */
export function inferFamily({ outputs, metadata }: ModelFacts, size: Size): Family | undefined {
  const has = (pattern: RegExp): boolean => outputs.some(({ name }) => pattern.test(name));
  if (has(/^labels$/i) && has(/^boxes$/i) && has(/^scores$/i)) return 'detr';
  if (outputs.length === 2 && has(/logits/i) && has(/boxes/i)) return 'detr';
  if (outputs.length === 2 && has(/scores|conf/i) && has(/boxes/i) && outputs.some(({ dims }) => dims[2] === 4)) return 'ssd';
  if (outputs.length >= 4 && pairedLevels(outputs, size)) return 'gfl';
  const [only] = outputs;
  if (outputs.length !== 1 || only === undefined) return undefined;
  if (only.dims.length === 4) return oneGrid(only, size) ? 'fastestdet' : undefined;
  return only.dims.length === 3 ? table(only, size, metadata) : undefined;
}

/** The number of classes in a family's outputs; undefined if it can't be inferred. */
export function classesOf(family: Family, { outputs, metadata }: ModelFacts): number | undefined {
  const [first] = outputs;
  const [, a, b] = (first?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : Number.NaN));
  switch (family) {
    case 'yolox':
      return plain(b, 5);
    case 'yolov8':
      // The longer side is the number of boxes.
      return (a ?? 0) < (b ?? 0) ? plain(a, 4) : plain(b, 5);
    case 'fastestdet':
      return plain(a, 5);
    case 'gfl':
      return plain(Number((outputs.find(({ name }) => /cls/i.test(name)) ?? first)?.dims[2]), 0);
    case 'ssd':
      return plain(Number(outputs.find(({ name }) => /scores|conf/i.test(name))?.dims[2]), 1);
    case 'detr':
      return plain(Number(outputs.find(({ name }) => /logits/i.test(name))?.dims[2]), 0);
    case 'end2end':
      return metadataLabels(metadata)?.length;
  }
}

function plain(size: number | undefined, less: number): number | undefined {
  return size !== undefined && Number.isInteger(size) && size > less ? size - less : undefined;
}

/** Whether each stride has an output of scores and one of distances. */
function pairedLevels(outputs: readonly TensorInfo[], { width, height }: Size): boolean {
  const levels = new Map<unknown, TensorInfo[]>();
  for (const output of outputs) levels.set(output.dims[1], [...(levels.get(output.dims[1]) ?? []), output]);
  return [...levels].every(([cells, pair]) => {
    const stride = Math.round(Math.sqrt((width * height) / Number(cells)));
    const whole = Math.ceil(width / stride) * Math.ceil(height / stride) === cells;
    return whole && pair.length === 2 && pair.every(({ dims }) => dims.length === 3) && pair.some(({ dims }) => Number(dims[2]) % 4 === 0);
  });
}

function oneGrid({ dims: [, channels, rows, columns] }: TensorInfo, { width, height }: Size): boolean {
  const stride = height / Number(rows);
  return Number(channels) > 5 && Number.isInteger(stride) && stride >= 8 && width / Number(columns) === stride;
}

/** The family of a single table of boxes, by its numbers of rows and columns. */
function table({ dims: [, a, b] }: TensorInfo, size: Size, metadata: ModelFacts['metadata']): Family | undefined {
  const [rows, columns] = [Number(a), Number(b)];
  const anchored = rows % 3 === 0 && gridsOf(size, rows / 3) !== undefined;
  if (metadataLabels(metadata) !== undefined) {
    const names = metadataLabels(metadata)!.length;
    if (rows === 4 + names && columns > rows) return 'yolov8';
    if (columns === 6 && rows <= MAX_PICKED) return 'end2end';
    return columns === 5 + names ? 'yolov8' : undefined;
  }
  if (columns > 5 && gridsOf(size, rows) !== undefined) return 'yolox';
  if (columns > 5 && anchored) return 'yolov8';
  if (columns === 6 && rows <= MAX_PICKED) return 'end2end';
  if (rows > 4 && columns > rows && gridsOf(size, columns) !== undefined) return 'yolov8';
  return undefined;
}

/** The class names that Ultralytics writes into its files: a Python dictionary, `{0: 'person', 1: "traffic light"}`. */
export function metadataLabels(metadata: ModelFacts['metadata']): string[] | undefined {
  const names = metadata['names'];
  if (names === undefined) return undefined;
  const found = [...names.matchAll(/(\d+):\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)];
  const labels = found.map(([, index, single, double]) => ({ index: Number(index), label: (single ?? double ?? '').replace(/\\(.)/g, '$1') }));
  const inOrder = labels.every(({ index, label }, i) => index === i && label !== '');
  return labels.length > 0 && inOrder ? labels.map(({ label }) => label) : undefined;
}

/** The input size that Ultralytics writes into its files: `[height, width]`. */
export function metadataSize(metadata: ModelFacts['metadata']): Size | undefined {
  const [, height, width] = /^\[(\d+), *(\d+)\]$/.exec(metadata['imgsz'] ?? '') ?? [];
  return height === undefined || width === undefined ? undefined : { width: Number(width), height: Number(height) };
}
