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

/** The results of one detector that frames may still need, with its tracks. */
export class DetectorHistory {
  readonly #tracker: ByteTracker;
  #results: Result[] = [];

  /** @param nextTrack gives identities that are unique within the stream */
  constructor(nextTrack: () => number) {
    this.#tracker = new ByteTracker(nextTrack);
  }

  /** Takes a result; false for one that is not newer than the last, which is ignored. */
  add(id: FrameId, detections: readonly Detection[]): boolean {
    const newest = this.#results.at(-1);
    if (newest !== undefined && seqDistance(id.seq, newest.id.seq) <= 0) return false;
    this.#results.push({ id, detections: this.#tracker.update(detections, id.capturedAt) });
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

  /** Forgets what no frame from this one on can need. */
  forgetBefore(seq: number): void {
    const needed = this.upTo(seq);
    if (needed !== undefined) this.#results = this.#results.slice(this.#results.indexOf(needed));
  }

  /** A result's detections, moved by their tracks to a later time. */
  movedTo({ detections }: Result, at: number): Detection[] {
    return detections.map((detection) => {
      const box = detection.track === undefined ? undefined : this.#tracker.boxAt(detection.track, at);
      return box === undefined ? detection : { ...detection, box: clipped(box) };
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

function clipped([x, y, width, height]: Box): Box {
  const [left, top] = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
  return [left, top, Math.min(1, Math.max(left, x + width)) - left, Math.min(1, Math.max(top, y + height)) - top];
}
