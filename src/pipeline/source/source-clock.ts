/** Milliseconds by which a media step may differ from the time that passed before it counts as a jump. */
const JUMP_MS = 2000;
/** How far behind its arrival a frame may be placed before the clock starts anew, in milliseconds. */
const MAX_LAG_MS = 500;
/** How fast the estimate follows a source whose clock runs slow: a share of the time that passes, more than any clock drifts. */
const FOLLOW = 0.03;
/** A source whose clock had to be started anew this often … */
const MAX_RESTARTS = 5;
/** … within this many milliseconds says nothing useful … */
const RESTART_SPAN_MS = 30_000;
/** … and is not listened to for as long as this. */
const DISTRUST_MS = 60_000;

/**
 * Places the frames of a live source on the wall clock. The network delays frames, never hastens them: the frame that came fastest
 * tells how the source's clock and the wall clock lie to each other, and the others are placed by their timestamps, free of jitter.
 * Drift is followed; a timeline that jumps, runs backwards or wraps starts anew; one that is absent or nonsense is replaced by the
 * time of arrival. A frame is never placed after its arrival, never far before it, and never before the one before.
 *
 * Not the publishers' `ArrivalClock` because a live source's clock can't be trusted: its times may be missing, jump or run slow, so that
 * it is followed thirty times as fast and given up where it makes no sense, which would take a publisher's congestion for drift.
 */
export class SourceClock {
  #offset: number | undefined;
  #media = 0;
  #arrival = 0;
  #captured = 0;
  #restarts: number[] = [];
  #distrustUntil = 0;

  /**
   * @param mediaMs the frame's time on the source's own clock, milliseconds; undefined where it has none
   * @param arrival when it came: milliseconds since the epoch, never decreasing
   * @returns when it was captured, as far as can be known: milliseconds since the epoch, never decreasing
   */
  place(mediaMs: number | undefined, arrival: number): number {
    const placed = mediaMs === undefined || arrival < this.#distrustUntil ? this.#byArrival(arrival) : this.#byMedia(mediaMs, arrival);
    this.#captured = Math.max(this.#captured, placed);
    return this.#captured;
  }

  #byArrival(arrival: number): number {
    this.#offset = undefined;
    return arrival;
  }

  #byMedia(mediaMs: number, arrival: number): number {
    const measured = arrival - mediaMs;
    const passed = arrival - this.#arrival;
    if (this.#offset === undefined) {
      this.#offset = measured;
    } else if (Math.abs(mediaMs - this.#media - passed) > JUMP_MS) {
      this.#restart(measured, arrival);
    } else {
      this.#offset = Math.min(measured, this.#offset + passed * FOLLOW);
      if (measured - this.#offset > MAX_LAG_MS) this.#restart(measured, arrival);
    }
    this.#media = mediaMs;
    this.#arrival = arrival;
    return mediaMs + this.#offset;
  }

  #restart(measured: number, arrival: number): void {
    this.#offset = measured;
    this.#restarts = [...this.#restarts.filter((at) => arrival - at < RESTART_SPAN_MS), arrival];
    if (this.#restarts.length <= MAX_RESTARTS) return;
    this.#restarts = [];
    this.#distrustUntil = arrival + DISTRUST_MS;
  }
}
