import type { Box, Detection } from '../annotation.ts';
import type { FrameId } from '../frame.ts';
import { ByteTracker } from '../track/byte-tracker.ts';

/** What one detector said of one frame. */
export interface Result {
  readonly id: FrameId;
  readonly detections: readonly Detection[];
}

/** Frames from b to a, across a wrap of the numbers: negative where a is the earlier one. */
export function seqDistance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Times between results that a detector's pace is taken from. */
const GAPS = 3;
/** Boxes are shown for so many times the detector's own interval, in milliseconds up to a limit. */
const CARRIED_INTERVALS = 2;
const LONGEST_CARRY_MS = 10_000;

/** The results of one detector that frames may still need, in the order of their frames, with its tracks. */
export class DetectorHistory {
  readonly #tracker: ByteTracker;
  #results: Result[] = [];
  /** Milliseconds between the last results. */
  readonly #gaps: number[] = [];
  /** The last frame that left. */
  #left: number | undefined;

  /** @param nextTrack gives identities that are unique within the stream */
  constructor(nextTrack: () => number) {
    this.#tracker = new ByteTracker(nextTrack);
  }

  /**
   * Takes a result. One that a newer result has overtaken still serves its own frame and those up to the newer one; it has no tracks,
   * because these go forward in time only.
   *
   * @param weak detections that are of use to tracks only: see {@link ByteTracker.update}
   * @returns false for one that can serve no frame, which is ignored
   */
  add(id: FrameId, detections: readonly Detection[], weak: readonly Detection[] = []): boolean {
    const newest = this.#results.at(-1);
    if (newest === undefined || seqDistance(id.seq, newest.id.seq) > 0) {
      if (newest !== undefined) this.#gaps.push(id.capturedAt - newest.id.capturedAt);
      if (this.#gaps.length > GAPS) this.#gaps.shift();
      this.#results.push({ id, detections: this.#tracker.update(detections, id.capturedAt, weak) });
      if (this.#left !== undefined) this.forgetBefore(this.#left);
      return true;
    }
    const next = this.#results.findIndex((one) => seqDistance(one.id.seq, id.seq) >= 0);
    const after = this.#results[next]!.id.seq;
    const served = this.#left === undefined || seqDistance(after, this.#left) > 1;
    if (after === id.seq || !served) return false;
    this.#results.splice(next, 0, { id, detections });
    if (this.#left !== undefined) this.forgetBefore(this.#left);
    return true;
  }

  /** The newest result that is not of a later frame. */
  upTo(seq: number): Result | undefined {
    return this.#results.findLast(({ id }) => seqDistance(seq, id.seq) >= 0);
  }

  /** The oldest result that is not of an earlier frame. */
  from(seq: number): Result | undefined {
    return this.#results.find(({ id }) => seqDistance(id.seq, seq) >= 0);
  }

  get newest(): Result | undefined {
    return this.#results.at(-1);
  }

  /** Results that are kept. */
  get size(): number {
    return this.#results.length;
  }

  /**
   * Milliseconds for which a result is shown: those given, or longer for a detector whose results are as far apart by themselves, so
   * that its boxes don't come and go with each of them.
   */
  carryMs(leastMs: number): number {
    const interval = this.#gaps.length < GAPS ? 0 : Math.min(...this.#gaps);
    return Math.max(leastMs, Math.min(LONGEST_CARRY_MS, CARRIED_INTERVALS * interval));
  }

  /** Forgets what no frame from this one on can need. */
  forgetBefore(seq: number): void {
    this.#left = seq;
    const needed = this.#results.findLastIndex(({ id }) => seqDistance(seq, id.seq) >= 0);
    if (needed > 0) this.#results.splice(0, needed);
  }

  /** A result's detections, moved by their tracks to a later time; what has left the picture by then is left out. */
  movedTo({ detections }: Result, at: number): Detection[] {
    return detections.flatMap((detection) => {
      const box = detection.track === undefined ? undefined : this.#tracker.boxAt(detection.track, at);
      if (box === undefined) return detection;
      const visible = clipped(box);
      return visible[2] > 0 && visible[3] > 0 ? { ...detection, box: visible } : [];
    });
  }
}

/** Detections between two results: what both saw is interpolated linearly, what only the earlier one saw stays where it was. */
export function between(earlier: Result, later: Result, at: number): Detection[] {
  const span = later.id.capturedAt - earlier.id.capturedAt;
  const share = span > 0 ? Math.min(1, Math.max(0, (at - earlier.id.capturedAt) / span)) : 0;
  return earlier.detections.map((detection) => {
    const twin = detection.track === undefined ? undefined : later.detections.find(({ track }) => track === detection.track);
    if (twin === undefined) return detection;
    return { ...detection, box: detection.box.map((value, i) => value + (twin.box[i]! - value) * share) as Box };
  });
}

/** The part of a box that lies in the picture. */
export function clipped([x, y, width, height]: Box): Box {
  const [left, top] = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
  return [left, top, Math.min(1, Math.max(left, x + width)) - left, Math.min(1, Math.max(top, y + height)) - top];
}
