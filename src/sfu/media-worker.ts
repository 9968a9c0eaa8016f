import { EventEmitter } from 'node:events';
import { createWorker } from 'mediasoup';
import type { Worker } from 'mediasoup/types';
import type { Logger } from 'pino';
import { BASE_PAYLOAD_TYPES, baseCodecs, h264Codecs, type PayloadTypes } from './codecs.ts';
import { SfuError } from './errors.ts';
import { listenInfos } from './listen-infos.ts';
import type { ResolvedSfuOptions } from './options.ts';
import { Place } from './place.ts';

/** Waits between attempts to start a worker that keeps dying, in milliseconds. */
const RESPAWN_MIN_MS = 50;
const RESPAWN_MAX_MS = 5000;
/** A worker that lived this long starts again without a wait, in milliseconds. */
const HEALTHY_MS = 30_000;

interface MediaWorkerEvents {
  /** It died; everything on it is gone. */
  died: [];
  /** It runs again, empty. */
  ready: [];
}

/** One mediasoup worker with its port, started again whenever it dies. */
export class MediaWorker extends EventEmitter<MediaWorkerEvents> {
  readonly index: number;
  readonly #options: ResolvedSfuOptions;
  readonly #logger: Logger;
  readonly #foreign = new Map<string, Promise<Place>>();
  #worker: Worker | undefined;
  #base: Place | undefined;
  #startedAt = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(index: number, options: ResolvedSfuOptions) {
    super();
    this.setMaxListeners(0);
    this.index = index;
    this.#options = options;
    this.#logger = options.logger.child({ worker: index });
  }

  /** @throws Error where the worker can't be started or its port is taken */
  static async create(index: number, options: ResolvedSfuOptions): Promise<MediaWorker> {
    const worker = new MediaWorker(index, options);
    await worker.#start();
    return worker;
  }

  /** Where viewers are whose payload types are the usual ones; undefined while the worker is being started again. */
  get base(): Place | undefined {
    return this.#base;
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  /**
   * Where viewers with these payload types are; the caller holds it.
   * @throws SfuError `unavailable` while there is no worker
   */
  async place(types: PayloadTypes = BASE_PAYLOAD_TYPES): Promise<Place> {
    const base = this.#base;
    if (base === undefined) throw new SfuError('unavailable', 'The media worker is being started again.');
    if (types.h264 === base.payloadTypes.h264 && (types.rtx === undefined || types.rtx === base.payloadTypes.rtx)) return base;
    const key = `${types.h264}/${types.rtx ?? ''}`;
    let place = this.#foreign.get(key);
    if (place === undefined) {
      const forget = (): void => void this.#foreign.delete(key);
      place = Place.create({ worker: base.worker, webRtcServer: base.webRtcServer, payloadTypes: types, codecs: h264Codecs(types), onUnused: forget });
      this.#foreign.set(key, place);
      place.catch(forget);
    }
    return place;
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#worker?.close();
    this.#base = undefined;
    this.#foreign.clear();
  }

  async #start(): Promise<void> {
    const { webrtc, logLevel, workerBin } = this.#options;
    const worker = await createWorker({ logLevel, ...(workerBin === undefined ? {} : { workerBin }) });
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(webrtc, this.index) });
      this.#base = await Place.create({ worker, webRtcServer, payloadTypes: BASE_PAYLOAD_TYPES, codecs: baseCodecs() });
    } catch (error) {
      worker.close();
      throw error;
    }
    if (this.#closed) return worker.close();
    this.#worker = worker;
    this.#startedAt = performance.now();
    worker.on('died', (error) => this.#died(error));
    this.#logger.info({ pid: worker.pid }, 'media worker runs');
  }

  #died(error: Error): void {
    this.#worker = undefined;
    this.#base = undefined;
    this.#foreign.clear();
    if (this.#closed) return;
    this.#failures = performance.now() - this.#startedAt > HEALTHY_MS ? 0 : this.#failures + 1;
    this.#logger.error({ err: error }, 'media worker died; starting another');
    this.emit('died');
    this.#respawn();
  }

  #respawn(): void {
    const wait = this.#failures === 0 ? 0 : Math.min(RESPAWN_MAX_MS, RESPAWN_MIN_MS * 2 ** this.#failures);
    this.#timer = setTimeout(() => {
      this.#start().then(
        () => {
          if (!this.#closed) this.emit('ready');
        },
        (error: unknown) => {
          this.#failures += 1;
          this.#logger.error({ err: error }, 'media worker could not be started; trying again');
          if (!this.#closed) this.#respawn();
        },
      );
    }, wait);
  }
}
