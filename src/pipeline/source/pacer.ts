import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../util/clock.ts';

/** How late a frame may be before the schedule moves instead of hurrying after it, in milliseconds. */
const LATE_MS = 100;
/** A step between two frames that is longer, or not forward, is a cut in the timeline, not a pause to wait for; in milliseconds. */
const CUT_MS = 10_000;

/** Turns media time into wall-clock time, so that a file plays at its own speed, whatever its timestamps do. */
export class Pacer {
  readonly #abort = new AbortController();
  #due: number | undefined;
  #media: number | undefined;

  /**
   * Says when a frame is due; to be asked once a frame, in presentation order.
   * @param mediaMs the frame's time on the source's own clock; undefined where it has none
   * @param stepMs how long a frame lasts, for timelines that say nothing useful
   * @returns milliseconds since the epoch, strictly increasing
   */
  due(mediaMs: number | undefined, stepMs: number): number {
    const time = now();
    if (this.#due === undefined) {
      this.#due = time;
    } else {
      const step = mediaMs === undefined || this.#media === undefined ? stepMs : mediaMs - this.#media;
      this.#due += step > 0 && step < CUT_MS ? step : stepMs;
      if (time - this.#due > LATE_MS) this.#due = time;
    }
    this.#media = mediaMs;
    return this.#due;
  }

  /** @throws AbortError after `close` */
  async until(due: number): Promise<void> {
    const wait = due - now();
    if (wait > 0) await sleep(wait, undefined, { signal: this.#abort.signal });
  }

  /** The timeline starts again, as a looping file does: the next frame follows one step after the last. */
  cut(): void {
    this.#media = undefined;
  }

  close(): void {
    this.#abort.abort();
  }
}
