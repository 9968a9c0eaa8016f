/** Lets work on one key happen one after the other, in the order it was asked for; work on different keys goes on side by side. */
export class Exclusive {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `work` when everything before it on this key is done. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    // How the work before ended is the business of whoever asked for it.
    const mine = before.then(work, work);
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}
