import { EventEmitter } from 'node:events';
import type { MediaWorker } from './media-worker.ts';
import type { PeerEnd } from './peer.ts';
import type { Viewer } from './viewer.ts';

interface ViewersEvents {
  /** A viewer came or left. */
  viewers: [count: number];
}

/** The viewers of one stream, each with its worker. */
export class Viewers extends EventEmitter<ViewersEvents> {
  readonly #home: MediaWorker;
  readonly #workers: readonly MediaWorker[];
  readonly #viewersPerWorker: number;
  readonly #viewers = new Map<Viewer, MediaWorker>();

  /**
   * @param home the stream's home worker, one of `workers`
   * @param viewersPerWorker number that the home worker serves before others do
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

  /** Whether any of them is forwarded a publisher's video. */
  get forwarding(): boolean {
    return [...this.#viewers.keys()].some(({ forwarded }) => forwarded);
  }

  /** The worker for the next viewer: the home worker until it is full, then the one with the fewest viewers of this stream. */
  nextWorker(): MediaWorker {
    const count = (worker: MediaWorker): number => [...this.#viewers.values()].filter((one) => one === worker).length;
    if (this.#workers.length === 1 || count(this.#home) < this.#viewersPerWorker) return this.#home;
    const running = this.#workers.filter(({ running }) => running);
    return running.toSorted((a, b) => count(a) - count(b))[0] ?? this.#home;
  }

  /** Adds a viewer until it closes. @param shares disposed of when it closes */
  admit(viewer: Viewer, worker: MediaWorker, shares: Disposable): void {
    this.#viewers.set(viewer, worker);
    viewer.once('close', () => {
      this.#viewers.delete(viewer);
      shares[Symbol.dispose]();
      this.emit('viewers', this.#viewers.size);
    });
    this.emit('viewers', this.#viewers.size);
  }

  /** Closes the viewers that are forwarded a publisher's video; they may reconnect and be sent something else. */
  endForwarded(): void {
    for (const viewer of [...this.#viewers.keys()]) if (viewer.forwarded) viewer.close('source-changed');
  }

  end(reason: PeerEnd): void {
    for (const viewer of [...this.#viewers.keys()]) viewer.close(reason);
  }
}
