import { best, centred, gridsOf, type Decoder, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/**
 * YOLOX without its decoding (Ge et al., arXiv:2107.08430): `[cells, 5 + labels]`, a row a grid cell of strides 8, 16, 32: offset of
 * the centre and logarithm of the size in units of the stride, objectness, class scores.
 */
export const yolox: Decoder = (outputs, manifest, threshold) => {
  const [output] = outputs;
  const width = 5 + manifest.labels.length;
  const [cells, columns] = output?.dims ?? [];
  const grids = cells === undefined ? undefined : gridsOf(manifest.input, cells);
  if (output?.dims.length !== 2 || columns !== width || grids === undefined) throw mismatch(outputs, manifest, `[cells, ${width}]`);
  const data = floats(output, manifest);
  const boxes: RawBox[] = [];
  let at = 0;
  for (const grid of grids) {
    for (let row = 0; row < grid.rows; row += 1) {
      for (let column = 0; column < grid.columns; column += 1, at += width) {
        const objectness = data[at + 4]!;
        if (objectness < threshold) continue;
        const { index, value } = best(data, at + 5, manifest.labels.length);
        const score = objectness * value;
        if (!(score >= threshold)) continue;
        const cx = (data[at]! + column) * grid.stride;
        const cy = (data[at + 1]! + row) * grid.stride;
        boxes.push(centred(cx, cy, Math.exp(data[at + 2]!) * grid.stride, Math.exp(data[at + 3]!) * grid.stride, score, index));
      }
    }
  }
  return boxes;
};
