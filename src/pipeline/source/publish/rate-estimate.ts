/** Frames over which the rate is measured. */
const WINDOW = 30;
/** A change by less than this factor is none: cameras waver. */
const TOLERANCE = 1.2;

/** The nominal frame rate of a source that does not tell, from the timestamps of its frames. */
export class RateEstimate {
  /** Frames a second, until it is known. */
  static readonly USUAL = 30;
  readonly #times: number[] = [];
  #fps: number | undefined;

  /** Frames a second, in whole numbers; undefined for the first second. */
  get fps(): number | undefined {
    return this.#fps;
  }

  /** @param mediaMs the frame's time */
  mark(mediaMs: number): void {
    this.#times.push(mediaMs);
    if (this.#times.length <= WINDOW) return;
    this.#times.shift();
    const span = mediaMs - this.#times[0]!;
    if (span <= 0) return void (this.#times.length = 0);
    const fps = Math.min(240, Math.max(1, Math.round(((this.#times.length - 1) * 1000) / span)));
    const ratio = fps / (this.#fps ?? RateEstimate.USUAL);
    if (this.#fps === undefined || ratio > TOLERANCE || ratio < 1 / TOLERANCE) this.#fps = fps;
  }
}
