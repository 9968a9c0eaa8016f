import type { Shape } from './shapes.ts';

/** Steps that can be undone. */
const MOST_STEPS = 100;

/** What was drawn before each step, to go back to. */
export class DrawingHistory {
  #steps: { readonly shapes: readonly Shape[]; readonly kind: string; readonly at: number }[] = [];

  get empty(): boolean {
    return this.#steps.length === 0;
  }

  /**
   * Remembers what there was before a step. Steps of the same kind in quick succession, as of a key that is held or of typing, are one.
   * @param kind names what is changed; empty: always a step of its own
   */
  push(shapes: readonly Shape[], kind = '', at = performance.now()): void {
    const last = this.#steps.at(-1);
    if (kind !== '' && last?.kind === kind && at - last.at < 1000) {
      this.#steps[this.#steps.length - 1] = { ...last, at };
      return;
    }
    this.#steps.push({ shapes, kind, at });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  pop(): readonly Shape[] | undefined {
    return this.#steps.pop()?.shapes;
  }

  clear(): void {
    this.#steps = [];
  }
}
