import type { Logger } from 'pino';

const INTERVAL_MS = 1000;

/**
 * Warnings about single frames, at most one a second: what goes wrong with one frame goes wrong with every one. How many were left out
 * since the one before stands in each as `unsaid`.
 */
export class FrameWarnings {
  readonly #logger: Logger;
  readonly #now: () => number;
  #saidAt = -Infinity;
  #unsaid = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  warn(error: unknown, message: string): void {
    const now = this.#now();
    if (now - this.#saidAt < INTERVAL_MS) {
      this.#unsaid += 1;
      return;
    }
    this.#logger.warn({ err: error, ...(this.#unsaid === 0 ? {} : { unsaid: this.#unsaid }) }, message);
    this.#saidAt = now;
    this.#unsaid = 0;
  }
}
