/** Two percentiles of the samples. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** Counts events of the last second. */
export class RateMeter {
  readonly #times: number[] = [];

  /** @param at milliseconds of any clock, but always the same one */
  mark(at: number): void {
    this.#times.push(at);
    this.#forget(at);
  }

  /** Events in the second before `at`. */
  rate(at: number): number {
    this.#forget(at);
    return this.#times.length;
  }

  #forget(at: number): void {
    while (this.#times.length > 0 && this.#times[0]! <= at - 1000) this.#times.shift();
  }
}

/** Percentiles over the newest samples. */
export class SpanMeter {
  readonly #samples: number[] = [];
  readonly #size: number;

  /** @param size number of samples kept */
  constructor(size = 300) {
    this.#size = size;
  }

  add(ms: number): void {
    this.#samples.push(ms);
    if (this.#samples.length > this.#size) this.#samples.shift();
  }

  /** Zero before the first sample. */
  get mean(): number {
    if (this.#samples.length === 0) return 0;
    return Math.round((100 * this.#samples.reduce((sum, one) => sum + one, 0)) / this.#samples.length) / 100;
  }

  /** Zero before the first sample. */
  percentiles(): Percentiles {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return { p50: at(sorted, 0.5), p95: at(sorted, 0.95) };
  }
}

function at(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 100) / 100;
}
