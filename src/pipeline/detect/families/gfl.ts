import type { ModelManifest } from '../manifest.ts';
import { type Decoder, type Floats, type OutputTensor, type RawBox } from './decoder.ts';
import { floats, mismatch } from './mismatch.ts';

interface Level {
  readonly stride: number;
  readonly columns: number;
  readonly scores: Floats;
  /** Distances to the left, top, right and bottom side, each as a distribution over `bins`. */
  readonly sides: Floats;
  readonly bins: number;
}

/**
 * Generalised focal loss heads (Li et al., arXiv:2006.04388; NanoDet, PicoDet): for each stride one output `[cells, labels]` of scores
 * and one `[cells, 4 · bins]` of distributions over the distances from the cell's centre to the box's sides.
 */
export const gfl: Decoder = (outputs, manifest, threshold) => {
  const boxes: RawBox[] = [];
  for (const { stride, columns, scores, sides, bins } of levels(outputs, manifest)) {
    const classes = manifest.labels.length;
    for (let cell = 0; cell * classes < scores.length; cell += 1) {
      const labels = labelsOf(scores, cell * classes, classes, threshold);
      if (labels.length === 0) continue;
      const cx = ((cell % columns) + 0.5) * stride;
      const cy = (Math.floor(cell / columns) + 0.5) * stride;
      const distance = (side: number): number => expectation(sides, (cell * 4 + side) * bins, bins) * stride;
      const corners = { x1: cx - distance(0), y1: cy - distance(1), x2: cx + distance(2), y2: cy + distance(3) };
      for (const label of labels) boxes.push({ ...corners, score: scores[cell * classes + label]!, label });
    }
  }
  return boxes;
};

function levels(outputs: readonly OutputTensor[], manifest: ModelManifest): Level[] {
  const { width, height } = manifest.input;
  const wrong = mismatch(outputs, manifest, `for each stride [cells, ${manifest.labels.length}] and [cells, 4 · bins]`);
  const sizes = [...new Set(outputs.map(({ dims }) => dims[0] ?? 0))];
  return sizes.map((cells) => {
    const pair = outputs.filter(({ dims }) => dims.length === 2 && dims[0] === cells);
    const stride = Math.round(Math.sqrt((width * height) / cells));
    const columns = Math.ceil(width / stride);
    // Exporters that name nothing keep the order: scores come before distances.
    const scores = pair.find(({ name }) => /cls/i.test(name)) ?? pair[0];
    const sides = pair.find((output) => output !== scores);
    const bins = (sides?.dims[1] ?? 0) / 4;
    const fits = scores?.dims[1] === manifest.labels.length && bins >= 2 && Number.isInteger(bins) && columns * Math.ceil(height / stride) === cells;
    if (pair.length !== 2 || scores === undefined || sides === undefined || !fits) throw wrong;
    return { stride, columns, bins, scores: floats(scores, manifest), sides: floats(sides, manifest) };
  });
}

/** A cell may be of several classes: its scores are independent of each other. */
function labelsOf(scores: Floats, from: number, count: number, threshold: number): number[] {
  const labels: number[] = [];
  for (let label = 0; label < count; label += 1) {
    if (scores[from + label]! >= threshold) labels.push(label);
  }
  return labels;
}

/** The mean of a distribution that is given as logits. */
function expectation(logits: Floats, from: number, bins: number): number {
  let top = -Infinity;
  for (let i = 0; i < bins; i += 1) top = Math.max(top, logits[from + i]!);
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < bins; i += 1) {
    const weight = Math.exp(logits[from + i]! - top);
    sum += weight;
    weighted += weight * i;
  }
  return weighted / sum;
}
