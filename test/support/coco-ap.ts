/**
 * Average precision as COCO defines it (cocoeval.py of pycocotools): IoU thresholds 0.50…0.95, 101 recall points, 100 detections an
 * image, crowds neither found nor missed.
 */

export interface CocoAnnotation {
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, width, height]` in pixels. */
  readonly bbox: readonly [number, number, number, number];
  readonly iscrowd?: number;
}

export interface CocoResult {
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: readonly [number, number, number, number];
  readonly score: number;
}

export interface AveragePrecision {
  /** Over IoU 0.50…0.95, in percent; mean over the categories that have annotations. */
  readonly ap: number;
  /** At IoU 0.50, in percent. */
  readonly ap50: number;
}

const IOUS = Array.from({ length: 10 }, (_, i) => 0.5 + i * 0.05);
const RECALLS = Array.from({ length: 101 }, (_, i) => i / 100);
const MAX_DETECTIONS = 100;

/** @param categories those to look at; all of the annotations where absent */
export function averagePrecision(truth: readonly CocoAnnotation[], results: readonly CocoResult[], categories?: readonly number[]): AveragePrecision {
  const images = [...new Set(truth.map(({ image_id }) => image_id))];
  const perCategory = (categories ?? [...new Set(truth.map(({ category_id }) => category_id))])
    .map((category) => precisionOf(truth.filter(of(category)), results.filter(of(category)), images))
    .filter((precision) => precision !== undefined);
  const mean = (values: readonly number[]): number => (values.reduce((sum, value) => sum + value, 0) / values.length) * 100;
  return { ap: mean(perCategory.flat()), ap50: mean(perCategory.map(([at50]) => at50!)) };
}

function of(category: number): (item: { category_id: number }) => boolean {
  return ({ category_id }) => category_id === category;
}

interface Match {
  readonly score: number;
  /** For each IoU threshold: a hit, a false alarm, or neither (it lies in a crowd). */
  readonly outcomes: ('hit' | 'false' | 'ignored')[];
}

/** Precision at each IoU threshold, or undefined where nothing is to be found. */
function precisionOf(truth: readonly CocoAnnotation[], results: readonly CocoResult[], images: readonly number[]): number[] | undefined {
  const total = truth.filter(({ iscrowd }) => !iscrowd).length;
  if (total === 0) return undefined;
  const matches = images.flatMap((image) => {
    const inImage = ({ image_id }: { image_id: number }): boolean => image_id === image;
    return matchImage(truth.filter(inImage), results.filter(inImage));
  });
  matches.sort((a, b) => b.score - a.score);
  return IOUS.map((_, t) => interpolated(matches.map(({ outcomes }) => outcomes[t]!), total));
}

function matchImage(truth: readonly CocoAnnotation[], results: readonly CocoResult[]): Match[] {
  const best = results.toSorted((a, b) => b.score - a.score).slice(0, MAX_DETECTIONS);
  // Crowds come last, so that a detection takes a real object where it can.
  const sorted = truth.toSorted((a, b) => (a.iscrowd ?? 0) - (b.iscrowd ?? 0));
  const taken = IOUS.map(() => new Set<number>());
  return best.map((result) => {
    const ious = sorted.map((annotation) => overlap(result.bbox, annotation.bbox, annotation.iscrowd === 1));
    return { score: result.score, outcomes: IOUS.map((least, t) => outcome(ious, sorted, taken[t]!, least)) };
  });
}

function outcome(ious: readonly number[], truth: readonly CocoAnnotation[], taken: Set<number>, least: number): 'hit' | 'false' | 'ignored' {
  let threshold = Math.min(least, 1 - 1e-10);
  let found = -1;
  for (const [i, annotation] of truth.entries()) {
    const crowd = annotation.iscrowd === 1;
    if (taken.has(i) && !crowd) continue;
    if (found >= 0 && truth[found]!.iscrowd !== 1 && crowd) break;
    if (ious[i]! < threshold) continue;
    threshold = ious[i]!;
    found = i;
  }
  if (found < 0) return 'false';
  taken.add(found);
  return truth[found]!.iscrowd === 1 ? 'ignored' : 'hit';
}

function overlap([ax, ay, aw, ah]: CocoResult['bbox'], [bx, by, bw, bh]: CocoResult['bbox'], crowd: boolean): number {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / (crowd ? aw * ah : aw * ah + bw * bh - common);
}

/** Mean over 101 recalls of the best precision at that recall or more. */
function interpolated(outcomes: readonly Match['outcomes'][number][], total: number): number {
  const precisions: number[] = [];
  const recalls: number[] = [];
  let hits = 0;
  let alarms = 0;
  for (const one of outcomes) {
    if (one === 'ignored') continue;
    if (one === 'hit') hits += 1;
    else alarms += 1;
    precisions.push(hits / (hits + alarms));
    recalls.push(hits / total);
  }
  for (let i = precisions.length - 2; i >= 0; i -= 1) precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!);
  let at = 0;
  let sum = 0;
  for (const recall of RECALLS) {
    while (at < recalls.length && recalls[at]! < recall) at += 1;
    sum += precisions[at] ?? 0;
  }
  return sum / RECALLS.length;
}
