/** Limits of the waits. */
export interface BackoffOptions {
  /** First wait, ms. */
  readonly first: number;
  /** Longest wait, ms. */
  readonly most: number;
  /** 0…1; injected by tests. */
  readonly random?: () => number;
}

/** Exponential back-off with jitter: each wait is twice the previous one, up to a cap, minus a random share of up to half. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor({ first, most, random = Math.random }: BackoffOptions) {
    this.#first = first;
    this.#most = most;
    this.#random = random;
  }

  /** How long to wait before the next attempt, in ms. */
  next(): number {
    const full = Math.min(this.#most, this.#first * 2 ** Math.min(this.#attempts, 30));
    this.#attempts++;
    return Math.round(full * (0.5 + this.#random() / 2));
  }

  /** Resets after a success: the next wait is the first again. */
  reset(): void {
    this.#attempts = 0;
  }
}
