/** Lets one loop wait until something that concerns it has happened; what happens while it is busy is not lost. */
export class Wake {
  #pending = false;
  #resolve: (() => void) | undefined;

  /** Something has happened. */
  signal(): void {
    const resolve = this.#resolve;
    if (resolve === undefined) this.#pending = true;
    this.#resolve = undefined;
    resolve?.();
  }

  /**
   * Settles at the next signal, or at once if there was one since the last wait.
   *
   * @param ms at the latest after so long; left out, there is no latest
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
