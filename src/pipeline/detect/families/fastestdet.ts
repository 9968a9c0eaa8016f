import { best, centred, sigmoid, type Decoder, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/**
 * FastestDet (github.com/dog-qiuqiu/FastestDet): `[5 + labels, rows, columns]`, one box a cell: objectness, offset of the centre
 * (tanh, in cells) and size (sigmoid, as a fraction), class scores. The score is objectness^0.6 · class^0.4.
 */
export const fastestdet: Decoder = (outputs, manifest, threshold) => {
  const [output] = outputs;
  const classes = manifest.labels.length;
  const [channels, rows, columns] = output?.dims ?? [];
  if (output?.dims.length !== 3 || channels !== 5 + classes || rows === undefined || columns === undefined) {
    throw mismatch(outputs, manifest, `[${5 + classes}, rows, columns]`);
  }
  const data = floats(output, manifest);
  const { width, height } = manifest.input;
  const plane = rows * columns;
  const boxes: RawBox[] = [];
  for (let cell = 0; cell < plane; cell += 1) {
    const { index, value } = best(data, 5 * plane + cell, classes, plane);
    const score = data[cell]! ** 0.6 * value ** 0.4;
    if (!(score >= threshold)) continue;
    const cx = (((cell % columns) + Math.tanh(data[plane + cell]!)) / columns) * width;
    const cy = ((Math.floor(cell / columns) + Math.tanh(data[2 * plane + cell]!)) / rows) * height;
    boxes.push(centred(cx, cy, sigmoid(data[3 * plane + cell]!) * width, sigmoid(data[4 * plane + cell]!) * height, score, index));
  }
  return boxes;
};
