/** Waits between attempts: exponential with full jitter, up to a cap (Exponential Backoff And Jitter, AWS 2015). */
export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor({ firstMs = 200, mostMs = 5000, random = Math.random }: { firstMs?: number; mostMs?: number; random?: () => number } = {}) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt: never less than a fifth of the ceiling, so that nobody hammers. */
  next(): number {
    const ceiling = Math.min(this.#mostMs, this.#firstMs * 2 ** Math.min(this.#attempts, 16));
    this.#attempts += 1;
    return ceiling * (0.2 + 0.8 * this.#random());
  }

  /** It went well: the next failure waits the least again. */
  reset(): void {
    this.#attempts = 0;
  }
}
