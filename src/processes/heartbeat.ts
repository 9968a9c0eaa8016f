/**
 * Watches for signs of life. It counts ticks instead of reading a clock, so that a delayed control process, or a machine that slept, does
 * not blame the other side.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #silent = 0;
  #limit: number;

  /**
   * @param tickMs length of a tick
   * @param limit ticks of silence after which it is dead
   * @param onDead called once
   */
  constructor(tickMs: number, limit: number, onDead: () => void) {
    this.#limit = limit;
    this.#timer = setInterval(() => {
      if (++this.#silent < this.#limit) return;
      this.stop();
      onDead();
    }, tickMs);
    this.#timer.unref();
  }

  /** A sign of life. */
  beat(): void {
    this.#silent = 0;
  }

  /** Changes the limit; counts as a sign of life. */
  expect(limit: number): void {
    this.#limit = limit;
    this.#silent = 0;
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
