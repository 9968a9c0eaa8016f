import { KeyframeBudget } from './keyframe-budget.ts';

/** Decides which frames become IDR frames: the first, those asked for (within a budget), and one every few seconds for recorders. */
export class IdrClock {
  readonly #intervalMs: number;
  readonly #budget: KeyframeBudget;
  #last: number | undefined;
  #asked = false;

  /**
   * @param intervalMs between IDR frames that were not asked for
   * @param budget of those that are
   */
  constructor(intervalMs: number, budget = new KeyframeBudget()) {
    this.#intervalMs = intervalMs;
    this.#budget = budget;
  }

  /** A receiver can't decode; served by the next frame that may be one. */
  request(): void {
    this.#asked = true;
  }

  /** A new encoder, or new receivers that have seen nothing: the next frame must be an IDR frame. */
  reset(): void {
    this.#last = undefined;
  }

  /** @param at milliseconds on a clock that does not step back */
  due(at: number): boolean {
    return this.#unasked(at) || (this.#asked && this.#budget.allows(at));
  }

  /** The frame of this time goes into the encoder as an IDR frame; the encoder may give it later, and is asked only once. */
  ordered(at: number): void {
    if (!this.#unasked(at)) this.#budget.spend(at);
    this.#last = at;
    this.#asked = false;
  }

  /** An IDR frame is about to be sent: it serves every receiver that has asked until now. */
  made(at: number): void {
    this.#last = Math.max(at, this.#last ?? at);
    this.#asked = false;
  }

  /** Whether one is due although none was asked for. */
  #unasked(at: number): boolean {
    return this.#last === undefined || at - this.#last >= this.#intervalMs;
  }
}
