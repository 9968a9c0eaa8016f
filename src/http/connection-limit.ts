import { ProblemError } from './problem.ts';
import type { ProblemInfo } from './route.ts';

export const TOO_MANY_CONNECTIONS: ProblemInfo = { status: 503, code: 'too-many-connections', when: 'There are as many such connections as limits.eventClients allows.' };

/** Counts connections that last, so that there are never too many. */
export class ConnectionLimit {
  readonly #most: number;
  #open = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns a function that says that it has ended @throws ProblemError 503 when there are too many already */
  enter(): () => void {
    if (this.#open >= this.#most) {
      throw new ProblemError({
        status: 503,
        detail: `There are ${this.#most} event connections already, which is the most that limits.eventClients allows.`,
        code: 'too-many-connections',
        headers: { 'Retry-After': '5' },
      });
    }
    this.#open++;
    return () => void this.#open--;
  }
}
