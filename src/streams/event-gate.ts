/** Rate and burst of the events of one stream: per second, and at once. */
const PER_SECOND = 50;
const BURST = 100;

/** Limits the rate of events (a token bucket): a crowd on a line must not flood the listeners. */
export class EventGate {
  readonly #now: () => number;
  #tokens = BURST;
  #at: number;
  #dropped = 0;

  /** @param now milliseconds of a clock that never steps back; injected by tests */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#at = now();
  }

  /** Returns the events that pass; the first one after a gap says how many were dropped. */
  pass<T extends object>(events: readonly T[]): (T & { dropped?: number })[] {
    const time = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((time - this.#at) / 1000) * PER_SECOND);
    this.#at = time;
    const passed = events.slice(0, Math.floor(this.#tokens)).map((event, index) => (index === 0 && this.#dropped > 0 ? { ...event, dropped: this.#dropped } : event));
    if (passed.length > 0) this.#dropped = 0;
    this.#tokens -= passed.length;
    this.#dropped += events.length - passed.length;
    return passed;
  }
}
