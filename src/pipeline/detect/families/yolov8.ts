import { best, centred, type Decoder, type Floats, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/**
 * The decoded outputs of YOLO exports, boxes by centre and size in pixels: `[4 + labels, boxes]` (v8, v9, 11: no objectness), or
 * `[boxes, 5 + labels]` (v5, v6, v7: with objectness).
 */
export const yolov8: Decoder = (outputs, manifest, threshold) => {
  const [output] = outputs;
  const classes = manifest.labels.length;
  const [first, second] = output?.dims ?? [];
  if (output?.dims.length === 2 && first === 4 + classes && second !== undefined) {
    return columns(floats(output, manifest), second, classes, threshold);
  }
  if (output?.dims.length === 2 && second === 5 + classes && first !== undefined) {
    return rows(floats(output, manifest), first, classes, threshold);
  }
  throw mismatch(outputs, manifest, `[${4 + classes}, boxes] or [boxes, ${5 + classes}]`);
};

function columns(data: Floats, count: number, classes: number, threshold: number): RawBox[] {
  const boxes: RawBox[] = [];
  for (let i = 0; i < count; i += 1) {
    const { index, value } = best(data, 4 * count + i, classes, count);
    if (!(value >= threshold)) continue;
    boxes.push(centred(data[i]!, data[count + i]!, data[2 * count + i]!, data[3 * count + i]!, value, index));
  }
  return boxes;
}

function rows(data: Floats, count: number, classes: number, threshold: number): RawBox[] {
  const boxes: RawBox[] = [];
  for (let i = 0, at = 0; i < count; i += 1, at += 5 + classes) {
    const objectness = data[at + 4]!;
    if (objectness < threshold) continue;
    const { index, value } = best(data, at + 5, classes);
    const score = objectness * value;
    if (score >= threshold) boxes.push(centred(data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!, score, index));
  }
  return boxes;
}
