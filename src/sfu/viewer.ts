import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Consumer, DataConsumer, DataProducer, DtlsParameters, IceParameters, Producer, RtpCapabilities, WebRtcTransport } from 'mediasoup/types';
import type { Variant } from '../pipeline/messages.ts';
import { SfuError } from './errors.ts';
import type { Place } from './place.ts';

/** Bits a second that congestion control begins with; a low start would hold back the first key frame. */
const INITIAL_OUTGOING_BITRATE = 20_000_000;
/**
 * A message about a frame that was shown already is of no use: neither order nor repetition. mediasoup 3.27 takes whichever of
 * `maxPacketLifeTime` and `maxRetransmits` is left out for 0, and a message that may live for 0 ms is thrown away as soon as it takes
 * more than one packet; so it is the lifetime, in milliseconds, that is named.
 */
const ANNOTATION_DELIVERY = { ordered: false, maxPacketLifeTime: 1000 } as const;

/**
 * - `closed`: its own side asked for it
 * - `gone`: the stream was removed
 * - `worker-died`: the media worker under it is gone
 * - `transport-closed`: the viewer did not connect in time, or its connection failed
 */
export type ViewerEnd = 'closed' | 'gone' | 'worker-died' | 'transport-closed';

interface ViewerEvents {
  close: [reason: ViewerEnd];
}

export interface ViewerInit {
  readonly variant: Variant;
  readonly place: Place;
  /** At that place. */
  readonly producer: Producer;
  /** At that place; left out where the viewer asks for no data channel. */
  readonly annotations: DataProducer | undefined;
  readonly rtpCapabilities: RtpCapabilities;
  readonly mid?: string;
  readonly connectTimeoutMs: number;
  readonly consentTimeoutS: number;
}

/**
 * One viewer of one variant: a WebRTC transport with a video consumer that starts paused, and a data consumer for annotations.
 * connecting → connected → closed.
 */
export class Viewer extends EventEmitter<ViewerEvents> {
  readonly id = randomUUID();
  readonly variant: Variant;
  readonly transport: WebRtcTransport;
  readonly consumer: Consumer;
  readonly dataConsumer: DataConsumer | undefined;
  readonly #connectTimer: NodeJS.Timeout;
  #closed = false;

  private constructor({ variant, connectTimeoutMs }: ViewerInit, transport: WebRtcTransport, consumer: Consumer, dataConsumer: DataConsumer | undefined) {
    super();
    this.variant = variant;
    this.transport = transport;
    this.consumer = consumer;
    this.dataConsumer = dataConsumer;
    this.#connectTimer = setTimeout(() => this.close('transport-closed'), connectTimeoutMs);
    transport.on('dtlsstatechange', (state) => {
      if (state === 'connected') clearTimeout(this.#connectTimer);
      if (state === 'failed' || state === 'closed') this.close('transport-closed');
    });
    transport.on('icestatechange', (state) => {
      if (state === 'disconnected') this.close('transport-closed');
    });
    // Its worker died, or the one that its video comes from.
    transport.observer.once('close', () => this.close('worker-died'));
    consumer.once('producerclose', () => this.close('worker-died'));
  }

  /** @throws SfuError `no-common-codec`; Error when the worker dies meanwhile */
  static async create(init: ViewerInit): Promise<Viewer> {
    const { place, producer, annotations, rtpCapabilities, mid, consentTimeoutS } = init;
    if (!place.router.canConsume({ producerId: producer.id, rtpCapabilities })) {
      throw new SfuError('no-common-codec', 'The viewer can’t decode H.264 constrained baseline with packetization-mode 1, in which streams are sent.');
    }
    const transport = await place.router.createWebRtcTransport({
      webRtcServer: place.webRtcServer,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      enableSctp: annotations !== undefined,
      initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      iceConsentTimeout: consentTimeoutS,
    });
    try {
      const [consumer, dataConsumer] = await Promise.all([
        transport.consume({ producerId: producer.id, rtpCapabilities, paused: true, ...(mid === undefined ? {} : { mid }) }),
        annotations === undefined ? undefined : transport.consumeData({ dataProducerId: annotations.id, ...ANNOTATION_DELIVERY }),
      ]);
      if (transport.closed) throw new SfuError('unavailable', 'The media worker died.');
      return new Viewer(init, transport, consumer, dataConsumer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws SfuError `transport-refused` */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    await this.#attempt(this.transport.connect({ dtlsParameters }));
  }

  /** Video starts, with a key frame. */
  async resume(): Promise<void> {
    await this.#attempt(this.consumer.resume());
  }

  async pause(): Promise<void> {
    await this.#attempt(this.consumer.pause());
  }

  /** New credentials for a viewer whose network changed. */
  restartIce(): Promise<IceParameters> {
    return this.#attempt(this.transport.restartIce());
  }

  /** Idempotent. */
  close(reason: ViewerEnd = 'closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#connectTimer);
    this.transport.close();
    this.emit('close', reason);
  }

  async #attempt<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SfuError('transport-refused', `The media worker refused it: ${reason}`, { cause });
    }
  }
}
