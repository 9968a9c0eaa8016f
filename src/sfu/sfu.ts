import { EventEmitter } from 'node:events';
import type { RtpCapabilities } from 'mediasoup/types';
import { Broadcast } from './broadcast.ts';
import { SfuError } from './errors.ts';
import { logMediasoupTo } from './media-log.ts';
import { MediaWorker } from './media-worker.ts';
import { resolveSfuOptions, type ResolvedSfuOptions, type SfuOptions } from './options.ts';

interface SfuEvents {
  /** A worker died; its viewers are being notified. */
  workerdied: [index: number];
  /** The worker was replaced, and what streams need was created again on the new one. */
  rebuilt: [index: number];
}

/** Statistics of one worker. */
export interface WorkerStats {
  readonly index: number;
  readonly pid: number;
  /** CPU time used since its start, ms. */
  readonly cpuMs: number;
  /** Largest resident memory so far, bytes. */
  readonly maxRss: number;
  /** Viewers with a transport on it. */
  readonly viewers: number;
  /** Routers, transports, producers and consumers on it. */
  readonly objects: number;
}

/** The selective forwarding unit: each stream comes in once and goes out to any number of viewers. */
export class Sfu extends EventEmitter<SfuEvents> {
  readonly #options: ResolvedSfuOptions;
  readonly #workers: readonly MediaWorker[];
  readonly #broadcasts = new Map<string, Broadcast>();
  #closing: Promise<void> | undefined;

  /** For `device.load` of viewers; the same on every worker, before and after a restart. */
  readonly rtpCapabilities: RtpCapabilities;

  private constructor(options: ResolvedSfuOptions, workers: readonly MediaWorker[], rtpCapabilities: RtpCapabilities) {
    super();
    this.#options = options;
    this.#workers = workers;
    this.rtpCapabilities = rtpCapabilities;
    for (const worker of workers) {
      worker.on('died', () => this.emit('workerdied', worker.index));
      worker.on('ready', () => this.emit('rebuilt', worker.index));
    }
  }

  /** @throws Error if a worker can't be started or its port is taken */
  static async create(options: SfuOptions): Promise<Sfu> {
    const resolved = resolveSfuOptions(options);
    logMediasoupTo(resolved.logger);
    const workers: MediaWorker[] = [];
    try {
      for (let index = 0; index < resolved.workers; index++) workers.push(await MediaWorker.create(index, resolved));
      const { router } = await workers[0]!.base();
      return new Sfu(resolved, workers, router.rtpCapabilities);
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.close()));
      throw error;
    }
  }

  /** Whether every worker runs. */
  get ready(): boolean {
    return this.#closing === undefined && this.#workers.every(({ running }) => running);
  }

  /** Process ids of the running workers. */
  get workerPids(): number[] {
    return this.#workers.flatMap(({ worker }) => worker?.pid ?? []);
  }

  /** Statistics of the running workers. */
  async stats(): Promise<WorkerStats[]> {
    const all = await Promise.all(this.#workers.map((worker) => statsOf(worker).catch(() => undefined)));
    return all.filter((stats) => stats !== undefined);
  }

  /** The broadcast of a stream: created on the first call, on the worker with the fewest broadcasts, and kept until it is closed. */
  broadcast(stream: string): Broadcast {
    if (this.#closing !== undefined) throw new SfuError('closed', 'The server ends.');
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

  /** Resolves when the workers' processes have exited. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      for (const broadcast of [...this.#broadcasts.values()]) broadcast.close();
      await Promise.all(this.#workers.map((worker) => worker.close()));
    })();
    return this.#closing;
  }
}

/** @throws Error when the worker dies meanwhile, or is not running */
async function statsOf(owner: MediaWorker): Promise<WorkerStats | undefined> {
  const { worker } = owner;
  if (worker === undefined) return undefined;
  const { webRtcServer } = await owner.base();
  const [usage, dump, server] = await Promise.all([worker.getResourceUsage(), worker.dump(), webRtcServer.dump()]);
  return {
    index: owner.index,
    pid: worker.pid,
    cpuMs: usage.ru_utime + usage.ru_stime,
    // Linux counts in kibibytes.
    maxRss: usage.ru_maxrss * 1024,
    viewers: server.webRtcTransportIds.length,
    objects: dump.channelMessageHandlers.channelRequestHandlers.length,
  };
}
