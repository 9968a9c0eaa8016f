import type { ModelManifest } from '../manifest.ts';
import { centred, sigmoid, type Decoder, type Floats, type OutputTensor, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

/**
 * Transformers that give each object once, without suppression. Either already picked (D-FINE, DEIM, RT-DETR exports with
 * `orig_target_sizes`, which is given as 1×1 so that boxes come as fractions): `labels [queries]`, `boxes [queries, 4]` corners,
 * `scores [queries]`. Or raw: logits `[queries, labels]` (sigmoid; with one column more, softmax and no-object last: DETR) and boxes
 * `[queries, 4]` by centre and size as fractions.
 */
export const detr: Decoder = (outputs, manifest, threshold) => {
  const boxes = outputs.find(({ dims, name }) => dims.length === 2 && dims[1] === 4 && /box/i.test(name));
  if (boxes === undefined) throw mismatch(outputs, manifest, 'an output of boxes [queries, 4]');
  const corners = floats(boxes, manifest);
  const labels = outputs.find(({ dims, name }) => dims.length === 1 && /label|class/i.test(name));
  const scores = outputs.find(({ dims, name }) => dims.length === 1 && /score|conf/i.test(name));
  if (labels !== undefined && scores !== undefined) return picked(corners, labels, floats(scores, manifest), manifest, threshold);
  const logits = outputs.find((output) => output !== boxes && output.dims.length === 2);
  const extra = (logits?.dims[1] ?? 0) - manifest.labels.length;
  if (logits === undefined || (extra !== 0 && extra !== 1)) {
    throw mismatch(outputs, manifest, `labels, boxes and scores, or logits [queries, ${manifest.labels.length}] and boxes [queries, 4]`);
  }
  return raw(corners, floats(logits, manifest), extra === 1, manifest, threshold);
};

function picked(boxes: Floats, labels: OutputTensor, scores: Floats, { input }: ModelManifest, threshold: number): RawBox[] {
  const found: RawBox[] = [];
  for (let i = 0; i < scores.length; i += 1) {
    const score = scores[i]!;
    if (!(score >= threshold)) continue;
    const at = i * 4;
    found.push({
      x1: boxes[at]! * input.width,
      y1: boxes[at + 1]! * input.height,
      x2: boxes[at + 2]! * input.width,
      y2: boxes[at + 3]! * input.height,
      score,
      label: Number(labels.data[i]),
    });
  }
  return found;
}

function raw(boxes: Floats, logits: Floats, noObject: boolean, { input, labels }: ModelManifest, threshold: number): RawBox[] {
  const found: RawBox[] = [];
  const width = labels.length + (noObject ? 1 : 0);
  for (let query = 0; query * 4 < boxes.length; query += 1) {
    const at = query * 4;
    const from = query * width;
    const total = noObject ? sumOfExponents(logits, from, width) : 0;
    for (let label = 0; label < labels.length; label += 1) {
      const logit = logits[from + label]!;
      const score = noObject ? Math.exp(logit) / total : sigmoid(logit);
      if (!(score >= threshold)) continue;
      const [cx, cy, w, h] = [boxes[at]! * input.width, boxes[at + 1]! * input.height, boxes[at + 2]! * input.width, boxes[at + 3]! * input.height];
      found.push(centred(cx, cy, w, h, score, label));
    }
  }
  return found;
}

function sumOfExponents(data: Floats, from: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += Math.exp(data[from + i]!);
  return sum;
}
