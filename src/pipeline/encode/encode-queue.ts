interface Waiting<Item> {
  readonly item: Item;
  /** Milliseconds since the epoch. */
  readonly capturedAt: number;
  /** How old it was when it came, ms. */
  readonly late: number;
}

/**
 * Frames that wait for an encoder. One that comes makes room for itself: who waits in front of it is dropped once it is later than any
 * that is here was when it came, the one being encoded included. So the newest frame wins where the encoder is too slow; but frames
 * that the composer held back for a result, and lets go together, all pass, because the first of them was the latest. Delay never
 * grows. How many can be here at a time is bounded by who brings them.
 */
export class EncodeQueue<Item> {
  readonly #mayDrop: (item: Item) => boolean;
  readonly #waiting: Waiting<Item>[] = [];
  /** Of the frame that was taken last. */
  #takenLate = -Infinity;

  /** @param mayDrop says no for what has to pass in any case; left out, it is yes */
  constructor(mayDrop: (item: Item) => boolean = () => true) {
    this.#mayDrop = mayDrop;
  }

  /**
   * @param capturedAt when the frame was captured, and `at` the time now: milliseconds since the epoch
   * @returns the frames that are dropped for it, oldest first
   */
  put(item: Item, capturedAt: number, at: number): Item[] {
    const latest = this.#waiting.reduce((most, { late }) => Math.max(most, late), this.#takenLate);
    const kept = this.#waiting.findIndex((one) => at - one.capturedAt <= latest);
    const front = this.#waiting.splice(0, kept < 0 ? this.#waiting.length : kept);
    this.#waiting.unshift(...front.filter((one) => !this.#mayDrop(one.item)));
    this.#waiting.push({ item, capturedAt, late: at - capturedAt });
    return front.map((one) => one.item).filter(this.#mayDrop);
  }

  /** The oldest, to be encoded now. */
  take(): Item | undefined {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#takenLate = next.late;
    return next?.item;
  }

  clear(): Item[] {
    return this.#waiting.splice(0).map(({ item }) => item);
  }
}
