import { best, type Decoder, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/**
 * Single-shot detectors that decode their anchors themselves (UltraFace): scores `[boxes, 1 + labels]` with the background first, and
 * boxes `[boxes, 4]`, corners as fractions.
 */
export const ssd: Decoder = (outputs, manifest, threshold) => {
  const classes = manifest.labels.length;
  const scores = outputs.find(({ name, dims }) => dims.length === 2 && dims[1] === classes + 1 && !/box|loc/i.test(name));
  const corners = outputs.find((output) => output !== scores && output.dims.length === 2 && output.dims[1] === 4);
  if (scores === undefined || corners === undefined || scores.dims[0] !== corners.dims[0]) {
    throw mismatch(outputs, manifest, `scores [boxes, ${classes + 1}] and boxes [boxes, 4]`);
  }
  const data = floats(scores, manifest);
  const places = floats(corners, manifest);
  const { width, height } = manifest.input;
  const boxes: RawBox[] = [];
  for (let i = 0, at = 0; at < places.length; i += 1, at += 4) {
    const { index, value } = best(data, i * (classes + 1) + 1, classes);
    if (!(value >= threshold)) continue;
    const [x1, y1, x2, y2] = [places[at]! * width, places[at + 1]! * height, places[at + 2]! * width, places[at + 3]! * height];
    boxes.push({ x1, y1, x2, y2, score: value, label: index });
  }
  return boxes;
};
