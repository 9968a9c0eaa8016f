import type { RawBox } from './families/decoder.ts';

/** Boxes that suppression looks at, the best ones: it compares each with each. */
const MAX_CANDIDATES = 3000;

/**
 * Non-maximum suppression within each class: of boxes that overlap more than `nms` only the best stays.
 *
 * @param nms greatest IoU of two boxes that both stay; undefined: all stay
 * @param most boxes that are given at most
 * @returns the highest score first
 */
export function suppress(boxes: readonly RawBox[], nms: number | undefined, most: number): RawBox[] {
  const sorted = boxes.toSorted((a, b) => b.score - a.score).slice(0, MAX_CANDIDATES);
  if (nms === undefined) return sorted.slice(0, most);
  const kept: RawBox[] = [];
  const keptOfLabel = new Map<number, RawBox[]>();
  for (const box of sorted) {
    const rivals = keptOfLabel.get(box.label) ?? [];
    if (rivals.some((rival) => iou(rival, box) > nms)) continue;
    rivals.push(box);
    keptOfLabel.set(box.label, rivals);
    if (kept.push(box) === most) break;
  }
  return kept;
}

/** Intersection over union, 0…1. */
export function iou(a: RawBox, b: RawBox): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - common);
}
