import type { Picture } from '../../picture.ts';

/** A place for the newest picture: one that nobody took in time is released for the next. */
export class Slot<T extends { readonly picture: Picture }> {
  #value: T | undefined;
  #taker: { readonly resolve: (value: T) => void; readonly reject: (reason: Error) => void } | undefined;
  #end: Error | undefined;
  #dropped = 0;

  /** Pictures that nobody took in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes over the picture. */
  put(value: T): void {
    if (this.#end !== undefined) return value.picture.release();
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker !== undefined) return taker.resolve(value);
    if (this.#value !== undefined) {
      this.#value.picture.release();
      this.#dropped += 1;
    }
    this.#value = value;
  }

  /** The newest, or the next. One call at a time. @throws what it was closed with */
  take(): Promise<T> {
    const value = this.#value;
    this.#value = undefined;
    if (value !== undefined) return Promise.resolve(value);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
  }

  /** Whoever takes from now on gets this error; idempotent. */
  close(reason: Error): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#value?.picture.release();
    this.#value = undefined;
    this.#taker?.reject(reason);
    this.#taker = undefined;
  }
}
