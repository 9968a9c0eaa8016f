import { EventEmitter } from 'node:events';
import type { RtpCapabilities } from 'mediasoup/types';
import { Broadcast } from './broadcast.ts';
import { MediaWorker } from './media-worker.ts';
import { resolveSfuOptions, type ResolvedSfuOptions, type SfuOptions } from './options.ts';

interface SfuEvents {
  /** A worker died; its viewers are being told. */
  workerdied: [index: number];
  /** It was replaced, and what streams need was made again on the new one. */
  rebuilt: [index: number];
}

/** The selective forwarding unit: streams come in once, and go out to any number of viewers. */
export class Sfu extends EventEmitter<SfuEvents> {
  readonly #options: ResolvedSfuOptions;
  readonly #workers: readonly MediaWorker[];
  readonly #broadcasts = new Map<string, Broadcast>();
  #closed = false;

  private constructor(options: ResolvedSfuOptions, workers: readonly MediaWorker[]) {
    super();
    this.#options = options;
    this.#workers = workers;
    for (const worker of workers) {
      worker.on('died', () => this.emit('workerdied', worker.index));
      worker.on('ready', () => this.emit('rebuilt', worker.index));
    }
  }

  /** @throws Error where a worker can't be started or its port is taken */
  static async create(options: SfuOptions): Promise<Sfu> {
    const resolved = resolveSfuOptions(options);
    const workers: MediaWorker[] = [];
    try {
      for (let index = 0; index < resolved.workers; index++) workers.push(await MediaWorker.create(index, resolved));
    } catch (error) {
      for (const worker of workers) worker.close();
      throw error;
    }
    return new Sfu(resolved, workers);
  }

  /** Whether every worker runs. */
  get ready(): boolean {
    return !this.#closed && this.#workers.every(({ base }) => base !== undefined);
  }

  /** What a viewer's device is loaded with; the same on every worker. Undefined while the first worker is being started again. */
  get rtpCapabilities(): RtpCapabilities | undefined {
    return this.#workers.find(({ base }) => base !== undefined)?.base?.router.rtpCapabilities;
  }

  /** Process ids of the workers that run. */
  get workerPids(): number[] {
    return this.#workers.flatMap(({ pid }) => pid ?? []);
  }

  /** The broadcast of a stream: made on the first call, on the worker with the fewest, and the same one until it is closed. */
  broadcast(stream: string): Broadcast {
    let broadcast = this.#broadcasts.get(stream);
    if (broadcast === undefined) {
      const load = (worker: MediaWorker): number => [...this.#broadcasts.values()].filter(({ home }) => home === worker).length;
      const home = this.#workers.toSorted((a, b) => load(a) - load(b))[0]!;
      broadcast = new Broadcast(stream, home, this.#workers, this.#options);
      this.#broadcasts.set(stream, broadcast);
      broadcast.once('close', () => this.#broadcasts.delete(stream));
    }
    return broadcast;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const broadcast of [...this.#broadcasts.values()]) broadcast.close();
    for (const worker of this.#workers) worker.close();
  }
}
