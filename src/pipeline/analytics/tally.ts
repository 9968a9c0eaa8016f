import type { Tally } from './events.ts';

/** Labels of one count at most: they come out of models, and what is sent with each frame has to stay small. */
const MAX_LABELS = 100;
/** What the others are counted as. */
const OTHER = 'other';

/** How often each label occurs. */
export function tallyOf(labels: readonly string[]): Tally {
  const counter = new Counter();
  for (const label of labels) counter.add(label);
  return counter.tally;
}

/** Counts by label. */
export class Counter {
  readonly #counts: Map<string, number>;

  constructor(from: Tally = {}) {
    this.#counts = new Map(Object.entries(from));
  }

  add(label: string, count = 1): void {
    const key = this.#counts.has(label) || this.#counts.size < MAX_LABELS ? label : OTHER;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  get tally(): Tally {
    return Object.fromEntries(this.#counts);
  }
}
