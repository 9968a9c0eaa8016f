import type { Box } from '../../src/pipeline/annotation.ts';
import { assign } from '../../src/pipeline/track/assignment.ts';
import { iou } from '../../src/pipeline/track/iou.ts';

/** A box with an identity, of the truth or of a tracker. */
export interface TrackedBox {
  readonly track: number;
  readonly label: string;
  readonly box: Box;
}

/** One frame: what is there, and what the tracker says. */
export interface MotFrame {
  readonly truth: readonly TrackedBox[];
  readonly found: readonly TrackedBox[];
}

export interface MotMetrics {
  /** CLEAR MOT: 1 less the share of misses, false boxes and identity switches; can be negative. */
  readonly mota: number;
  /** F1 score of identities, 0…1. */
  readonly idf1: number;
  /** Higher order tracking accuracy, 0…1, mean over IoU 0.05…0.95. */
  readonly hota: number;
  readonly switches: number;
  readonly misses: number;
  readonly falseBoxes: number;
  /** Boxes of the truth. */
  readonly boxes: number;
}

/** Least IoU of boxes of one thing, for MOTA and IDF1. */
const LEAST_IOU = 0.5;
/** More than any pair costs: as many pairs as possible are made. */
const UNPAIRED = 10;
const ALPHAS = Array.from({ length: 19 }, (_, i) => (i + 1) * 0.05);

/**
 * What a tracker is worth: CLEAR MOT (Bernardin & Stiefelhagen, EURASIP JIVP 2008), identity scores (Ristani et al., ECCV Workshops 2016)
 * and HOTA (Luiten et al., IJCV 129, 2021). Boxes are only compared with those of their label.
 */
export function motMetrics(frames: readonly MotFrame[]): MotMetrics {
  const boxes = frames.reduce((sum, { truth }) => sum + truth.length, 0);
  const clear = clearMot(frames);
  return { ...clear, boxes, mota: 1 - (clear.misses + clear.falseBoxes + clear.switches) / boxes, idf1: idf1(frames), hota: hota(frames) };
}

function overlap(a: TrackedBox, b: TrackedBox): number {
  return a.label === b.label ? iou(a.box, b.box) : 0;
}

function clearMot(frames: readonly MotFrame[]): { misses: number; falseBoxes: number; switches: number } {
  /** By track of the truth, the tracker's that it was last matched with; and those that were on the frame before. */
  const last = new Map<number, number>();
  let before = new Map<number, number>();
  let [misses, falseBoxes, switches] = [0, 0, 0];
  for (const { truth, found } of frames) {
    const now = new Map<number, number>();
    const kept = new Set<TrackedBox>();
    // A match goes on for as long as it is possible, even where another one were closer.
    for (const one of truth) {
      const other = found.find(({ track }) => track === before.get(one.track));
      if (other === undefined || overlap(one, other) < LEAST_IOU) continue;
      now.set(one.track, other.track);
      kept.add(one).add(other);
    }
    const [rows, columns] = [truth.filter((one) => !kept.has(one)), found.filter((one) => !kept.has(one))];
    const costs = rows.map((one) => columns.map((other) => (overlap(one, other) >= LEAST_IOU ? 1 - overlap(one, other) : Infinity)));
    assign(costs, UNPAIRED).forEach((column, row) => {
      if (column >= 0) now.set(rows[row]!.track, columns[column]!.track);
    });
    for (const [track, other] of now) {
      if (last.has(track) && last.get(track) !== other) switches += 1;
      last.set(track, other);
    }
    misses += truth.length - now.size;
    falseBoxes += found.length - now.size;
    before = now;
  }
  return { misses, falseBoxes, switches };
}

/** Whole identities are paired, one with one, so that as many boxes as possible are right. */
function idf1(frames: readonly MotFrame[]): number {
  const together = new Table();
  let boxes = 0;
  for (const { truth, found } of frames) {
    boxes += truth.length + found.length;
    for (const one of truth) for (const other of found) if (overlap(one, other) >= LEAST_IOU) together.add(one.track, other.track, 1);
  }
  const most = frames.length + 1;
  const costs = together.rows.map((row) => together.columns.map((column) => (together.get(row, column) > 0 ? most - together.get(row, column) : Infinity)));
  const right = assign(costs, most).reduce((sum, column, row) => sum + (column < 0 ? 0 : together.get(together.rows[row]!, together.columns[column]!)), 0);
  return boxes === 0 ? 0 : (2 * right) / boxes;
}

function hota(frames: readonly MotFrame[]): number {
  const [likely, truthCounts, foundCounts] = [new Table(), new Map<number, number>(), new Map<number, number>()];
  for (const { truth, found } of frames) {
    for (const { track } of truth) truthCounts.set(track, (truthCounts.get(track) ?? 0) + 1);
    for (const { track } of found) foundCounts.set(track, (foundCounts.get(track) ?? 0) + 1);
    const byTruth = truth.map((one) => found.reduce((sum, other) => sum + overlap(one, other), 0));
    const byFound = found.map((other) => truth.reduce((sum, one) => sum + overlap(one, other), 0));
    truth.forEach((one, row) =>
      found.forEach((other, column) => {
        const shared = overlap(one, other);
        if (shared > 0) likely.add(one.track, other.track, shared / (byTruth[row]! + byFound[column]! - shared));
      }),
    );
  }
  const union = (one: number, other: number, shared: number): number => truthCounts.get(one)! + foundCounts.get(other)! - shared;
  /** Pairs of a frame, which are the same for every alpha but for those that overlap too little. */
  const pairs = frames.flatMap(({ truth, found }) => {
    const worth = (one: TrackedBox, other: TrackedBox): number => {
      const shared = likely.get(one.track, other.track);
      return (shared / union(one.track, other.track, shared)) * overlap(one, other);
    };
    const costs = truth.map((one) => found.map((other) => (overlap(one, other) > 0 ? 1 - worth(one, other) : Infinity)));
    return assign(costs, 1).flatMap((column, row) => (column < 0 ? [] : [{ one: truth[row]!.track, other: found[column]!.track, shared: overlap(truth[row]!, found[column]!) }]));
  });
  const total = frames.reduce((sum, { truth, found }) => sum + truth.length + found.length, 0);
  const scores = ALPHAS.map((alpha) => {
    const matched = pairs.filter(({ shared }) => shared >= alpha - 1e-9);
    if (matched.length === 0) return 0;
    const together = new Table();
    for (const { one, other } of matched) together.add(one, other, 1);
    const association = matched.reduce((sum, { one, other }) => sum + together.get(one, other) / union(one, other, together.get(one, other)), 0) / matched.length;
    return Math.sqrt((matched.length / (total - matched.length)) * association);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Sums by pairs of a truth's and a tracker's identities. */
class Table {
  readonly #sums = new Map<number, Map<number, number>>();
  readonly #columns = new Set<number>();

  get rows(): number[] {
    return [...this.#sums.keys()];
  }

  get columns(): number[] {
    return [...this.#columns];
  }

  add(row: number, column: number, value: number): void {
    const sums = this.#sums.get(row) ?? new Map<number, number>();
    this.#sums.set(row, sums.set(column, (sums.get(column) ?? 0) + value));
    this.#columns.add(column);
  }

  get(row: number, column: number): number {
    return this.#sums.get(row)?.get(column) ?? 0;
  }
}
