/**
 * Watches something that must give signs of life. It counts ticks rather than reading a clock, so that a control process that was
 * itself held up, or a machine that slept, doesn't blame the other side.
 */
export class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #silent = 0;
  #limit: number;

  /**
   * @param tickMs length of a tick
   * @param limit ticks of silence that are too many
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

  /** Changes how many ticks of silence are too many; counts as a sign of life. */
  expect(limit: number): void {
    this.#limit = limit;
    this.#silent = 0;
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
