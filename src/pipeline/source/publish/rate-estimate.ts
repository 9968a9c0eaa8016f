/** Frames over which the rate is measured. */
const WINDOW = 30;
/** A change by less than this factor is none: cameras waver. */
const TOLERANCE = 1.2;
/** A step between two frames that is longer, or not forward, is a pause or a cut, and says nothing of the rate; in milliseconds. */
const MAX_STEP_MS = 1000;

/** The nominal frame rate of a source that does not tell, from the timestamps of its frames. */
export class RateEstimate {
  /** Frames a second, until it is known. */
  static readonly USUAL = 30;
  readonly #times: number[] = [];
  #fps: number | undefined;
  /** The last window differed: the next one, which is all new, decides. */
  #doubt = false;

  /** Frames a second, in whole numbers; undefined for the first second. */
  get fps(): number | undefined {
    return this.#fps;
  }

  /** @param mediaMs the frame's time */
  mark(mediaMs: number): void {
    const step = mediaMs - (this.#times.at(-1) ?? mediaMs - 1);
    if (step <= 0 || step > MAX_STEP_MS) this.#times.length = 0;
    this.#times.push(mediaMs);
    if (this.#times.length <= WINDOW) return;
    this.#times.shift();
    const span = mediaMs - this.#times[0]!;
    const fps = Math.min(240, Math.max(1, Math.round(((this.#times.length - 1) * 1000) / span)));
    const ratio = fps / (this.#fps ?? fps);
    const differs = ratio > TOLERANCE || ratio < 1 / TOLERANCE;
    if (differs && !this.#doubt) this.#times.length = 0;
    else if (differs || this.#fps === undefined) this.#fps = fps;
    this.#doubt = differs && !this.#doubt;
  }
}
