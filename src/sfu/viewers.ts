import { EventEmitter } from 'node:events';
import type { MediaWorker } from './media-worker.ts';
import type { PeerEnd } from './peer.ts';
import type { Viewer } from './viewer.ts';

interface ViewersEvents {
  /** Somebody came or went. */
  viewers: [count: number];
}

/** The viewers of one stream, and which worker serves whom. */
export class Viewers extends EventEmitter<ViewersEvents> {
  readonly #home: MediaWorker;
  readonly #workers: readonly MediaWorker[];
  readonly #viewersPerWorker: number;
  readonly #viewers = new Map<Viewer, MediaWorker>();

  /**
   * @param home the stream's own worker, which is one of `workers`
   * @param viewersPerWorker that the own worker serves before others do
   */
  constructor(home: MediaWorker, workers: readonly MediaWorker[], viewersPerWorker: number) {
    super();
    this.#home = home;
    this.#workers = workers;
    this.#viewersPerWorker = viewersPerWorker;
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Whether any of them is sent what a publisher sends. */
  get forwarding(): boolean {
    return [...this.#viewers.keys()].some(({ forwarded }) => forwarded);
  }

  /** Who serves the next one: the stream's own worker, until it serves many; then the one that serves the fewest of the stream's viewers. */
  nextWorker(): MediaWorker {
    const count = (worker: MediaWorker): number => [...this.#viewers.values()].filter((one) => one === worker).length;
    if (this.#workers.length === 1 || count(this.#home) < this.#viewersPerWorker) return this.#home;
    const running = this.#workers.filter(({ running }) => running);
    return running.toSorted((a, b) => count(a) - count(b))[0] ?? this.#home;
  }

  /** Until it ends; then what it took part in is given back. */
  admit(viewer: Viewer, worker: MediaWorker, shares: Disposable): void {
    this.#viewers.set(viewer, worker);
    viewer.once('close', () => {
      this.#viewers.delete(viewer);
      shares[Symbol.dispose]();
      this.emit('viewers', this.#viewers.size);
    });
    this.emit('viewers', this.#viewers.size);
  }

  /** Ends those who are sent what a publisher sends: they may come again for something else. */
  endForwarded(): void {
    for (const viewer of [...this.#viewers.keys()]) if (viewer.forwarded) viewer.close('source-changed');
  }

  end(reason: PeerEnd): void {
    for (const viewer of [...this.#viewers.keys()]) viewer.close(reason);
  }
}
