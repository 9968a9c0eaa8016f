/** Serialises work by key, in the order of the calls; work on different keys runs concurrently. */
export class Exclusive {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` after all earlier work on this key. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    // Whether the earlier work failed is reported to its own caller.
    const mine = before.then(work, work);
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}
