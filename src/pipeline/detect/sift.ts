import type { Detection } from '../annotation.ts';

/** Share of a detector's threshold from which on what it finds is of use to the tracker. */
const WEAK_SHARE = 0.5;

/** What a detector found on a frame, by its threshold. */
export interface Sifted {
  /** From the threshold on. */
  readonly detections: Detection[];
  /** Below it: never shown, but what was seen a moment ago goes on in them. */
  readonly weak: Detection[];
}

/** The least score that a detector with this threshold is asked for. */
export function leastAsked(threshold: number): number {
  return threshold * WEAK_SHARE;
}

export function sift(found: readonly Detection[], threshold: number): Sifted {
  const least = leastAsked(threshold);
  return {
    detections: found.filter(({ score }) => score >= threshold),
    weak: found.filter(({ score }) => score < threshold && score >= least),
  };
}
