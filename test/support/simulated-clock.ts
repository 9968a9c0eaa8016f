import type { Clock } from '../../src/util/clock.ts';

/** Microtasks that one step may take to come to rest. */
const TURNS = 30;

/** Time that passes only when it is told to. */
export class SimulatedClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  /** Calls that are still to come. */
  get pending(): number {
    return this.#timers.length;
  }

  async advanceTo(at: number): Promise<void> {
    await settled();
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= at).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
      await settled();
    }
    this.#now = Math.max(this.#now, at);
  }

  async advance(ms: number): Promise<void> {
    await this.advanceTo(this.#now + ms);
  }
}

/** Lets promises that are resolved run their course. */
export async function settled(): Promise<void> {
  for (let i = 0; i < TURNS; i++) await Promise.resolve();
}
