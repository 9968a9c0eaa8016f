/** Milliseconds between two IDR frames, however many ask for one. */
const COALESCE_MS = 250;

/** Decides which frames become IDR frames: the first, those asked for (coalesced), and one every few seconds for recorders. */
export class IdrClock {
  readonly #intervalMs: number;
  #last: number | undefined;
  #asked = false;

  /** @param intervalMs between IDR frames that nobody asked for */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Somebody can't decode; served by the next frame that may be one. */
  request(): void {
    this.#asked = true;
  }

  /** A new encoder, or new receivers that have seen nothing: the next frame must be an IDR frame. */
  reset(): void {
    this.#last = undefined;
  }

  /** @param at milliseconds on a clock that does not step back */
  due(at: number): boolean {
    if (this.#last === undefined) return true;
    return at - this.#last >= (this.#asked ? COALESCE_MS : this.#intervalMs);
  }

  /** The frame of this time goes into the encoder as an IDR frame; the encoder may give it later, and is asked only once. */
  ordered(at: number): void {
    this.#last = at;
    this.#asked = false;
  }

  /** An IDR frame is about to be sent: it serves everybody who has asked until now. */
  made(at: number): void {
    this.#last = Math.max(at, this.#last ?? at);
    this.#asked = false;
  }
}
