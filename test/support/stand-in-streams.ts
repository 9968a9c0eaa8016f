import type { LiveStreams, StreamCondition } from '../../src/signaling/live-streams.ts';

/** Stands in for the streams: conditions are what a test says they are. */
export class StandInStreams implements LiveStreams {
  readonly #conditions = new Map<string, StreamCondition>();
  readonly #listeners = new Set<(id: string, condition: StreamCondition) => void>();
  readonly touched: string[] = [];

  constructor(...ids: string[]) {
    for (const id of ids) this.#conditions.set(id, { state: 'live' });
  }

  set(id: string, condition: StreamCondition): void {
    this.#conditions.set(id, condition);
    for (const listener of this.#listeners) listener(id, condition);
  }

  remove(id: string): void {
    this.#conditions.delete(id);
  }

  /** Sessions that listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  condition(id: string): StreamCondition | undefined {
    return this.#conditions.get(id);
  }

  touch(id: string): void {
    this.touched.push(id);
  }

  onCondition(listener: (id: string, condition: StreamCondition) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
