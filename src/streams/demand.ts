/** How long somebody who is about to need it may take, in ms: a viewer's connection is negotiated meanwhile. */
const ABOUT_TO_MS = 5000;

/**
 * Whether anybody needs a stream. One that runs on demand is wanted while a viewer or a consumer is there, and for a while after the
 * last; any other is wanted always.
 */
export class Demand {
  readonly #onChange: () => void;
  readonly #needs = new Set<unknown>();
  #onDemand = false;
  #idleAfterMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #wanted = true;
  #closed = false;

  /** @param onChange called when {@link wanted} has changed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  configure(onDemand: boolean, idleAfterMs: number): void {
    this.#onDemand = onDemand;
    this.#idleAfterMs = idleAfterMs;
    this.#settle();
  }

  /** Says whether one kind of need is there. */
  set(need: string, there: boolean): void {
    if (there) this.#needs.add(need);
    else if (this.#needs.delete(need) && this.#needs.size === 0) this.#linger(this.#idleAfterMs);
    this.#settle();
  }

  /** A need of its own, until the answer is called. */
  hold(): () => void {
    const need = Symbol('consumer');
    this.#needs.add(need);
    this.#settle();
    return () => {
      if (this.#needs.delete(need) && this.#needs.size === 0) this.#linger(this.#idleAfterMs);
      this.#settle();
    };
  }

  /** Somebody is about to need it. */
  touch(): void {
    this.#linger(Math.max(this.#idleAfterMs, ABOUT_TO_MS));
    this.#settle();
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #linger(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#settle();
    }, ms);
    this.#timer.unref();
  }

  #settle(): void {
    const wanted = !this.#onDemand || this.#needs.size > 0 || this.#timer !== undefined;
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#onChange();
  }
}
