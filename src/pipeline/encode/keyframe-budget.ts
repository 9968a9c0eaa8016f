/** Key frames that may be made on request one right after the other, as when several viewers join at once. */
const BURST = 3;
/** Milliseconds in which one more may be made. */
const REFILL_MS = 250;

/**
 * How many key frames are made on request: a token bucket. A viewer who joins alone is served by the very next frame; however many join,
 * no window of `t` milliseconds holds more than `BURST + t / REFILL_MS` of them. Key frames that are made anyway cost nothing.
 */
export class KeyframeBudget {
  /** When the bucket is full again, if nothing more is taken: milliseconds. */
  #fullAt = -Infinity;

  /** Whether one may be made now. @param at milliseconds on a clock that does not step back */
  allows(at: number): boolean {
    return this.#fullAt - at <= (BURST - 1) * REFILL_MS;
  }

  /** One is made on request. */
  spend(at: number): void {
    this.#fullAt = Math.max(this.#fullAt, at) + REFILL_MS;
  }
}
