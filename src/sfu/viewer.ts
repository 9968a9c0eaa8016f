import { parseScalabilityMode } from 'mediasoup';
import type { Consumer, DataConsumer, DataProducer, Producer, RtpCapabilities, WebRtcTransport } from 'mediasoup/types';
import type { Variant } from '../pipeline/media/info.ts';
import { SfuError } from './errors.ts';
import { createTransport, Peer } from './peer.ts';
import type { RouterSlot } from './router-slot.ts';
import type { Ref } from './ref-counted.ts';

/**
 * A message about a frame that was shown already is useless: neither ordered nor reliable. mediasoup 3.27 takes whichever of
 * `maxPacketLifeTime` and `maxRetransmits` is left out as 0, and drops a message with a lifetime of 0 ms as soon as it takes more than
 * one packet; hence an explicit lifetime, in milliseconds. A message that waits longer would come after its frame.
 */
const ANNOTATION_DELIVERY = { ordered: false, maxPacketLifeTime: 400 } as const;

export interface ViewerInit {
  readonly variant: Variant;
  readonly slot: RouterSlot;
  /** On that router. */
  readonly producer: Producer;
  /** Whether the producer is a publisher's. */
  readonly forwarded: boolean;
  /** On that router; undefined for a viewer without a data channel. */
  readonly annotations: DataProducer | undefined;
  readonly rtpCapabilities: RtpCapabilities;
  readonly mid?: string;
  readonly connectTimeoutMs: number;
  readonly consentTimeoutS: number;
}

/**
 * One viewer of one variant: a WebRTC transport with a video consumer that starts paused, and a data consumer for annotations. While it
 * listens, it has an audio consumer as well.
 */
export class Viewer extends Peer {
  readonly variant: Variant;
  readonly slot: RouterSlot;
  /** Whether it is forwarded a publisher's video. */
  readonly forwarded: boolean;
  readonly consumer: Consumer;
  readonly dataConsumer: DataConsumer | undefined;
  readonly #rtpCapabilities: RtpCapabilities;
  #audio: { readonly consumer: Consumer; readonly release: () => void } | undefined;
  #paused = true;

  private constructor(init: ViewerInit, transport: WebRtcTransport, consumer: Consumer, dataConsumer: DataConsumer | undefined) {
    super(transport, init.connectTimeoutMs);
    this.variant = init.variant;
    this.slot = init.slot;
    this.forwarded = init.forwarded;
    this.#rtpCapabilities = init.rtpCapabilities;
    this.consumer = consumer;
    this.dataConsumer = dataConsumer;
    // The publisher has left, or the worker of its video died.
    consumer.once('producerclose', () => this.close(init.forwarded ? 'source-changed' : 'worker-died'));
    this.once('close', () => this.unlisten());
  }

  /** @throws SfuError `no-common-codec`; Error when the worker dies meanwhile */
  static async create(init: ViewerInit): Promise<Viewer> {
    const { slot, producer, annotations, rtpCapabilities, mid, consentTimeoutS } = init;
    if (!slot.router.canConsume({ producerId: producer.id, rtpCapabilities })) {
      throw new SfuError('no-common-codec', 'The viewer can’t decode H.264 constrained baseline with packetization-mode 1, in which streams are sent.');
    }
    const transport = await createTransport({ slot, data: annotations !== undefined, consentTimeoutS });
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

  /** Its audio consumer; undefined while it does not listen. */
  get audio(): Consumer | undefined {
    return this.#audio?.consumer;
  }

  /**
   * Sends it audio, in place of what it listened to before.
   * @param producer on its router; released when it stops listening
   * @param mid the media identification that the viewer's description gives the audio (RFC 5888)
   * @throws SfuError `no-common-codec`; Error when the worker dies meanwhile
   */
  async listen(producer: Ref<Producer>, mid?: string): Promise<Consumer> {
    const { release } = producer;
    const { id: producerId } = producer.value;
    const rtpCapabilities = this.#rtpCapabilities;
    try {
      if (!this.slot.router.canConsume({ producerId, rtpCapabilities })) throw new SfuError('no-common-codec', 'The viewer can’t decode Opus, in which sound is sent.');
      const consumer = await this.transport.consume({ producerId, rtpCapabilities, paused: this.#paused, ...(mid === undefined ? {} : { mid }) });
      if (this.closed) throw new SfuError('closed', 'The viewer has left.');
      this.unlisten();
      this.#audio = { consumer, release };
      consumer.once('producerclose', () => {
        if (this.#audio?.consumer !== consumer) return;
        this.unlisten();
        this.emit('silent');
      });
      // The viewer may have been paused or resumed meanwhile.
      if (consumer.paused !== this.#paused) await this.#follow(consumer);
      return consumer;
    } catch (error) {
      if (this.#audio?.release !== release) release();
      throw error;
    }
  }

  /** Idempotent. */
  unlisten(): void {
    const audio = this.#audio;
    this.#audio = undefined;
    audio?.consumer.close();
    audio?.release();
  }

  /** Starts video, with a key frame, and audio. */
  async resume(): Promise<void> {
    this.#paused = false;
    await this.attempt(Promise.all([this.consumer.resume(), this.#follow(this.audio)]));
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.attempt(Promise.all([this.consumer.pause(), this.#follow(this.audio)]));
  }

  /** How many sizes its video is sent in, each half of the next. */
  get spatialLayers(): number {
    const { type, rtpParameters } = this.consumer;
    return type === 'svc' ? parseScalabilityMode(rtpParameters.encodings?.[0]?.scalabilityMode).spatialLayers : 1;
  }

  /**
   * Sends no spatial layer above this one; bandwidth can lower it further. Without effect on video of one size.
   * @param spatialLayer 0 is the smallest
   */
  async setPreferredLayers(spatialLayer: number): Promise<void> {
    const { spatialLayers } = this;
    if (spatialLayers > 1) await this.attempt(this.consumer.setPreferredLayers({ spatialLayer: Math.min(spatialLayer, spatialLayers - 1) }));
  }

  async #follow(audio: Consumer | undefined): Promise<void> {
    await (this.#paused ? audio?.pause() : audio?.resume());
  }
}
