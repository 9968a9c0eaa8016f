import type { Decoder, RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/** Models that suppress by themselves (YOLOv10 and exports with NMS inside): `[boxes, 6]`, corners in pixels, score, class. */
export const end2end: Decoder = (outputs, manifest, threshold) => {
  const [output] = outputs;
  if (output?.dims.length !== 2 || output.dims[1] !== 6) throw mismatch(outputs, manifest, '[boxes, 6]');
  const data = floats(output, manifest);
  const boxes: RawBox[] = [];
  for (let at = 0; at < data.length; at += 6) {
    const score = data[at + 4]!;
    if (!(score >= threshold)) continue;
    boxes.push({ x1: data[at]!, y1: data[at + 1]!, x2: data[at + 2]!, y2: data[at + 3]!, score, label: Math.round(data[at + 5]!) });
  }
  return boxes;
};
