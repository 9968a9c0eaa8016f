import { EventEmitter, once } from 'node:events';
import { createWorker } from 'mediasoup';
import type { Worker } from 'mediasoup/types';
import type { Logger } from 'pino';
import { BASE_PAYLOAD_TYPES, baseCodecs, codecsOf, type PayloadTypes } from './codecs.ts';
import { SfuError } from './errors.ts';
import { listenInfos } from './listen-infos.ts';
import type { ResolvedSfuOptions } from './options.ts';
import { RouterSlot } from './router-slot.ts';
import { RefCounted, type Ref } from './ref-counted.ts';

/** Back-off between starts of a worker that keeps dying, in milliseconds. */
const RESPAWN_MIN_MS = 50;
const RESPAWN_MAX_MS = 5000;
/** A worker that lived this many milliseconds is restarted at once. */
const HEALTHY_MS = 30_000;
/** Milliseconds that a viewer waits for a worker that is restarting. */
const PATIENCE_MS = 8000;
/** Milliseconds that a worker gets to exit before it is killed. */
const EXIT_MS = 2000;

interface MediaWorkerEvents {
  /** The worker died, with everything on it. */
  died: [];
  /** A new worker runs, empty. */
  ready: [];
}

interface Running {
  readonly worker: Worker;
  readonly base: RouterSlot;
  readonly startedAt: number;
}

/** One mediasoup worker with its port, restarted whenever it dies: running ⇄ down → closed. */
export class MediaWorker extends EventEmitter<MediaWorkerEvents> {
  readonly index: number;
  readonly #options: ResolvedSfuOptions;
  readonly #logger: Logger;
  readonly #foreign = new RefCounted<string, RouterSlot>(
    (key) => this.#makeForeign(key),
    (slot) => slot.close(),
  );
  #running: Running | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(index: number, options: ResolvedSfuOptions) {
    super();
    // Every broadcast adds a listener.
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

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** The running mediasoup worker, for its statistics; undefined while it restarts. */
  get worker(): Worker | undefined {
    return this.#running?.worker;
  }

  /**
   * The base router: for ingests, and for viewers with the usual payload types.
   * @throws SfuError `unavailable` if the worker does not restart in time
   */
  async base(): Promise<RouterSlot> {
    if (this.#running === undefined && !this.#closed) await once(this, 'ready', { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => undefined);
    if (this.#running === undefined) throw new SfuError('unavailable', 'The media worker is being started again.');
    return this.#running.base;
  }

  /**
   * The router for viewers with these payload types.
   * @throws SfuError `unavailable` if the worker does not restart in time
   */
  async slot(types: PayloadTypes = BASE_PAYLOAD_TYPES): Promise<Ref<RouterSlot>> {
    const base = await this.base();
    const { codec, media, rtx, opus } = base.payloadTypes;
    const usual = types.codec === codec && types.media === media && (types.rtx === undefined || types.rtx === rtx) && (types.opus === undefined || types.opus === opus);
    if (usual) return { value: base, release: () => undefined };
    return this.#foreign.acquire(JSON.stringify([types.codec, types.media, types.rtx, types.opus]));
  }

  /** Resolves when its process has exited. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    const worker = this.#running?.worker;
    this.#running = undefined;
    if (worker !== undefined) await end(worker);
  }

  async #makeForeign(key: string): Promise<RouterSlot> {
    const [codec, media, rtx, opus] = JSON.parse(key) as [PayloadTypes['codec'], number, number | null, number | null];
    const payloadTypes = { codec, media, rtx: rtx ?? undefined, opus: opus ?? undefined };
    const { worker, webRtcServer } = await this.base();
    return RouterSlot.create({ worker, webRtcServer, payloadTypes, codecs: codecsOf(payloadTypes) });
  }

  async #start(): Promise<void> {
    const { webrtc, logLevel, workerBin } = this.#options;
    const worker = await createWorker({ logLevel, ...(workerBin === undefined ? {} : { workerBin }) });
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(webrtc, this.index) });
      const base = await RouterSlot.create({ worker, webRtcServer, payloadTypes: BASE_PAYLOAD_TYPES, codecs: baseCodecs() });
      if (this.#closed) return await end(worker);
      this.#running = { worker, base, startedAt: performance.now() };
    } catch (error) {
      worker.close();
      throw error;
    }
    worker.on('died', (error) => this.#died(error));
    this.#logger.info({ pid: worker.pid }, 'media worker runs');
  }

  #died(error: Error): void {
    const lived = performance.now() - (this.#running?.startedAt ?? 0);
    this.#running = undefined;
    this.#foreign.clear();
    if (this.#closed) return;
    this.#failures = lived > HEALTHY_MS ? 0 : this.#failures + 1;
    this.#logger.error({ err: error }, 'media worker died; starting another');
    this.emit('died');
    this.#respawn();
  }

  #respawn(): void {
    // The first restart is immediate: viewers are already reconnecting.
    const wait = this.#failures <= 1 ? 0 : Math.min(RESPAWN_MAX_MS, RESPAWN_MIN_MS * 2 ** (this.#failures - 2));
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

/** Closes a worker, kills it if it does not exit, and waits for its process. */
async function end(worker: Worker): Promise<void> {
  const gone = once(worker, 'subprocessclose');
  worker.close();
  const timer = setTimeout(() => process.kill(worker.pid, 'SIGKILL'), EXIT_MS);
  if (!worker.subprocessClosed) await gone;
  clearTimeout(timer);
}
