import { EventEmitter } from 'node:events';
import type { DataProducer, RtpCapabilities } from 'mediasoup/types';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { PayloadTypes } from './codecs.ts';
import { SfuError } from './errors.ts';
import { Ingest } from './ingest.ts';
import type { MediaWorker } from './media-worker.ts';
import type { ResolvedSfuOptions } from './options.ts';
import type { Place } from './place.ts';
import { Viewer, type ViewerEnd } from './viewer.ts';

/** The label of the data channel with annotation messages. */
const ANNOTATIONS = 'annotations';
/** Bits a second that congestion control begins with; a low start would hold back the first key frame. */
const INITIAL_OUTGOING_BITRATE = 20_000_000;

interface BroadcastEvents {
  /** A variant is needed: encode it and send it there. Comes again, with another target, when its worker was replaced. */
  start: [variant: Variant, target: RtpTarget];
  /** Nobody needs the variant any more. */
  stop: [variant: Variant];
  keyframe: [variant: Variant];
  viewers: [count: number];
  close: [];
}

/** Somebody who needs a variant to be made, and is no WebRTC viewer. */
export interface Lease {
  /** Idempotent. */
  release(): void;
}

export interface ViewerRequest {
  readonly variant: Variant;
  readonly rtpCapabilities: RtpCapabilities;
  /** Under which payload types the viewer expects H.264; left out, the usual ones. */
  readonly payloadTypes?: PayloadTypes;
  /** Open a data channel for annotations. */
  readonly data: boolean;
  /** The media identification that the viewer's description gives the video (RFC 5888). */
  readonly mid?: string;
}

/** Everything that one stream is inside the SFU: its ingests, and who watches. */
export class Broadcast extends EventEmitter<BroadcastEvents> {
  readonly stream: string;
  readonly #options: ResolvedSfuOptions;
  readonly #home: MediaWorker;
  readonly #workers: readonly MediaWorker[];
  readonly #ingests = new Map<Variant, Promise<Ingest>>();
  readonly #users = new Map<Variant, number>();
  readonly #lingering = new Map<Variant, NodeJS.Timeout>();
  readonly #dataProducers = new Map<Place, Promise<DataProducer>>();
  readonly #viewers = new Map<Viewer, MediaWorker>();
  readonly #onDied = (): void => this.#forget();
  readonly #onReady = (): void => this.#rebuild();
  #closed = false;

  constructor(stream: string, home: MediaWorker, workers: readonly MediaWorker[], options: ResolvedSfuOptions) {
    super();
    this.stream = stream;
    this.#home = home;
    this.#workers = workers;
    this.#options = options;
    home.on('died', this.#onDied).on('ready', this.#onReady);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get home(): MediaWorker {
    return this.#home;
  }

  /** Tells every viewer's data channel; who can't keep up misses messages. */
  announce(message: AnnotationMessage): void {
    if (this.#viewers.size === 0) return;
    const text = JSON.stringify(message);
    for (const producer of this.#dataProducers.values()) {
      producer.then(
        (one) => {
          if (!one.closed) one.send(text);
        },
        () => undefined,
      );
    }
  }

  /**
   * A consumer that is no viewer, such as a recorder, needs the variant.
   * @throws SfuError
   */
  async acquire(variant: Variant): Promise<Lease> {
    const release = this.#use(variant);
    try {
      await this.#ingest(variant);
      return { release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Opens a transport for a viewer; its consumer starts paused.
   * @throws SfuError
   */
  async addViewer(request: ViewerRequest): Promise<Viewer> {
    const release = this.#use(request.variant);
    let unhold: (() => void) | undefined;
    try {
      const ingest = await this.#ingest(request.variant);
      const worker = this.#workerForViewer();
      const place = await worker.place(request.payloadTypes);
      unhold = place.hold();
      if (place !== ingest.place) await ingest.place.router.pipeToRouter({ producerId: ingest.producer.id, router: place.router });
      const viewer = await this.#open(request, ingest, place);
      const done = unhold;
      this.#viewers.set(viewer, worker);
      viewer.once('close', () => {
        this.#viewers.delete(viewer);
        done();
        release();
        this.emit('viewers', this.#viewers.size);
      });
      if (this.#closed) viewer.close('gone');
      this.emit('viewers', this.#viewers.size);
      return viewer;
    } catch (error) {
      unhold?.();
      release();
      throw asSfuError(error);
    }
  }

  /** The stream is gone; idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#home.off('died', this.#onDied).off('ready', this.#onReady);
    this.#endViewers('gone');
    for (const timer of this.#lingering.values()) clearTimeout(timer);
    for (const variant of this.#ingests.keys()) this.#closeIngest(variant);
    for (const producer of this.#dataProducers.values()) producer.then((one) => one.close(), () => undefined);
    this.#dataProducers.clear();
    this.emit('close');
    this.removeAllListeners();
  }

  async #open(request: ViewerRequest, ingest: Ingest, place: Place): Promise<Viewer> {
    const { connectTimeoutMs, consentTimeoutS } = this.#options;
    const transport = await place.router.createWebRtcTransport({
      webRtcServer: place.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: request.data,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      iceConsentTimeout: consentTimeoutS,
    });
    try {
      if (!place.router.canConsume({ producerId: ingest.producer.id, rtpCapabilities: request.rtpCapabilities })) {
        throw new SfuError('no-common-codec', 'The viewer can’t decode H.264 constrained baseline with packetization-mode 1, in which this stream is sent.');
      }
      const [consumer, dataConsumer] = await Promise.all([
        transport.consume({
          producerId: ingest.producer.id,
          rtpCapabilities: request.rtpCapabilities,
          paused: true,
          ...(request.mid === undefined ? {} : { mid: request.mid }),
        }),
        request.data ? this.#dataProducer(place).then(({ id }) => transport.consumeData({ dataProducerId: id, ordered: false, maxRetransmits: 0 })) : undefined,
      ]);
      return new Viewer({ variant: request.variant, transport, consumer, dataConsumer, connectTimeoutMs });
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** The stream's own worker, until it serves many; then the one that serves the fewest. */
  #workerForViewer(): MediaWorker {
    const count = (worker: MediaWorker): number => [...this.#viewers.values()].filter((one) => one === worker).length;
    if (count(this.#home) < this.#options.viewersPerWorker) return this.#home;
    const running = this.#workers.filter(({ base }) => base !== undefined);
    return running.toSorted((a, b) => count(a) - count(b))[0] ?? this.#home;
  }

  #dataProducer(place: Place): Promise<DataProducer> {
    let producer = this.#dataProducers.get(place);
    if (producer === undefined) {
      producer = place.produceData(ANNOTATIONS);
      this.#dataProducers.set(place, producer);
      producer.then(
        (one) => one.observer.once('close', () => this.#dataProducers.delete(place)),
        () => this.#dataProducers.delete(place),
      );
    }
    return producer;
  }

  /** Counts a user in; the answer counts it out, once. */
  #use(variant: Variant): () => void {
    if (this.#closed) throw new SfuError('closed', `The stream ${this.stream} is gone.`);
    clearTimeout(this.#lingering.get(variant));
    this.#lingering.delete(variant);
    this.#users.set(variant, (this.#users.get(variant) ?? 0) + 1);
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      const left = this.#users.get(variant)! - 1;
      this.#users.set(variant, left);
      if (left > 0 || this.#closed) return;
      this.#lingering.set(
        variant,
        setTimeout(() => {
          this.#lingering.delete(variant);
          this.#closeIngest(variant);
          this.emit('stop', variant);
        }, this.#options.lingerMs),
      );
    };
  }

  #ingest(variant: Variant): Promise<Ingest> {
    let ingest = this.#ingests.get(variant);
    if (ingest === undefined) {
      ingest = this.#home.place().then(Ingest.create);
      this.#ingests.set(variant, ingest);
      ingest.then(
        ({ target }) => {
          if (this.#ingests.get(variant) === ingest) this.emit('start', variant, target);
        },
        () => {
          if (this.#ingests.get(variant) === ingest) this.#ingests.delete(variant);
        },
      );
    }
    return ingest;
  }

  #closeIngest(variant: Variant): void {
    this.#ingests.get(variant)?.then((ingest) => ingest.close(), () => undefined);
    this.#ingests.delete(variant);
  }

  /** The worker died: all that was on it is gone already. */
  #forget(): void {
    this.#ingests.clear();
    this.#dataProducers.clear();
    this.#endViewers('worker-died');
  }

  /** What was needed when the worker died is made again at once, for the viewers who are on their way back. */
  #rebuild(): void {
    for (const variant of this.#users.keys()) {
      const needed = this.#users.get(variant)! > 0 || this.#lingering.has(variant);
      if (needed) this.#ingest(variant).catch((error: unknown) => this.#options.logger.warn({ err: error, stream: this.stream }, 'an ingest could not be made again'));
    }
  }

  #endViewers(reason: ViewerEnd): void {
    for (const viewer of [...this.#viewers.keys()]) viewer.close(reason);
  }
}

function asSfuError(error: unknown): SfuError {
  if (error instanceof SfuError) return error;
  return new SfuError('unavailable', 'The media worker can’t serve the viewer right now.', { cause: error });
}
