/** Wakes one waiting loop; a signal while the loop is busy is kept for its next wait. */
export class Wake {
  #pending = false;
  #resolve: (() => void) | undefined;

  /** Wakes the loop. */
  signal(): void {
    const resolve = this.#resolve;
    if (resolve === undefined) this.#pending = true;
    this.#resolve = undefined;
    resolve?.();
  }

  /**
   * Settles at the next signal, or at once if there was one since the last wait.
   *
   * @param ms time limit in milliseconds; left out, there is none
   */
  async wait(ms?: number): Promise<void> {
    if (this.#pending) {
      this.#pending = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(() => this.signal(), ms);
      this.#resolve = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
