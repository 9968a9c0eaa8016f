import { EventEmitter } from 'node:events';
import type { Consumer, Producer } from 'mediasoup/types';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { OutputLeases } from '../pipeline/ipc/outputs.ts';
import type { RenditionSpec, Variant } from '../pipeline/media/info.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { AnnotationProducers } from './annotation-producers.ts';
import { Viewers } from './viewers.ts';
import { BASE_PAYLOAD_TYPES, takesCodec } from './codecs.ts';
import type { BypassPublisher, BypassTap } from './bypass-publisher.ts';
import { DeferredLeases } from './deferred-leases.ts';
import { SfuError } from './errors.ts';
import { ForwardMeter } from './forward-meter.ts';
import { RenditionProducers } from './rendition-producers.ts';
import type { MediaWorker } from './media-worker.ts';
import type { ResolvedSfuOptions } from './options.ts';
import type { RouterSlot } from './router-slot.ts';
import { Publisher } from './publisher.ts';
import { PublisherSlot } from './publisher-slot.ts';
import type { PublishRequest, ViewerRequest } from './requests.ts';
import type { Ref } from './ref-counted.ts';
import { PublisherTap } from './publisher-tap.ts';
import { Viewer } from './viewer.ts';

interface BroadcastEvents {
  viewers: [count: number];
  /** Somebody publishes, or nobody does any more. */
  publisher: [];
  close: [];
}

/** Everything that one stream is inside the SFU: where its variants come in, and who watches. */
export class Broadcast extends EventEmitter<BroadcastEvents> {
  readonly stream: string;
  readonly home: MediaWorker;
  readonly #options: ResolvedSfuOptions;
  readonly #leases = new DeferredLeases();
  readonly #renditions: RenditionProducers;
  readonly #viewers: Viewers;
  readonly #annotations = new AnnotationProducers();
  readonly #onDied = (): void => this.#forget();
  readonly #onReady = (): void => this.#renditions.rebuild();
  readonly #publisherSlot = new PublisherSlot();
  readonly #forwardMeter = new ForwardMeter(() => (this.forwarding ? this.#publisherSlot.connected?.video : undefined));
  #forwardingAllowed = true;
  #native: VideoCodec | undefined;
  #closed = false;

  constructor(stream: string, home: MediaWorker, workers: readonly MediaWorker[], options: ResolvedSfuOptions) {
    super();
    this.stream = stream;
    this.home = home;
    this.#options = options;
    this.#renditions = new RenditionProducers(home, options.lingerMs, this.#leases, options.logger.child({ stream }));
    this.#viewers = new Viewers(home, workers, options.viewersPerWorker).on('viewers', (count) => this.emit('viewers', count));
    this.#publisherSlot.on('change', () => this.emit('publisher'));
    home.on('died', this.#onDied).on('ready', this.#onReady);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Whoever publishes, or is connecting to do so. */
  get publisher(): Publisher | BypassPublisher | undefined {
    return this.#publisherSlot.publisher;
  }

  /** What a publisher sends over WebRTC beside its video; undefined where nobody does. */
  get published(): { readonly audio: boolean } | undefined {
    const publisher = this.#publisherSlot.connected;
    return publisher === undefined ? undefined : { audio: publisher.audio !== undefined };
  }

  /** Whether viewers of the clean variant are sent what a publisher sends. */
  get forwarding(): boolean {
    return this.#viewers.forwarding;
  }

  /** Bits a second of what they are sent, once for all of them; zero while nothing is forwarded. */
  get forwardedBitrate(): number {
    return this.#forwardMeter.bitrate;
  }

  /**
   * In which codec a viewer gets a variant if it can take that: the clean one as a publisher or the source has it, where it may be
   * sent so. H.264 otherwise.
   */
  codecOf(variant: Variant): VideoCodec {
    if (!this.#mayForward(variant)) return 'H264';
    const publisher = this.#publisherSlot.connected;
    return (publisher === undefined ? this.#native : publisher.codec) ?? 'H264';
  }

  /** What the source's own pictures can be sent in; undefined: in nothing, or that is not known. For viewers who come from now on. */
  setNative(codec: VideoCodec | undefined): void {
    this.#native = codec;
  }

  /** Whether viewers of the clean variant may be sent what a publisher sends. Those who are and no longer may have to come again. */
  allowForwarding(allowed: boolean): void {
    this.#forwardingAllowed = allowed;
    if (!allowed) this.#viewers.endForwarded();
  }

  /** Where what its viewers need is leased. */
  supply(leases: OutputLeases): void {
    this.#leases.supply(leases);
  }

  /** Tells every viewer's data channel; one that can't keep up misses messages. */
  announce(message: AnnotationMessage): void {
    this.#annotations.announce(message);
  }

  /**
   * Opens a transport for a publisher, who takes the place of the one before.
   * @throws SfuError
   */
  async publish(request: PublishRequest): Promise<Publisher> {
    try {
      const { connectTimeoutMs, consentTimeoutS } = this.#options;
      const publisher = await Publisher.create({ ...request, slot: await this.home.base(), connectTimeoutMs, consentTimeoutS });
      if (this.#closed) {
        publisher.close('gone');
        throw new SfuError('closed', `The stream ${this.stream} is gone.`);
      }
      this.#publisherSlot.take(publisher);
      return publisher;
    } catch (error) {
      throw asSfuError(error);
    }
  }

  /** Seats a publisher whose media does not come through here, in the place of the one before. @throws SfuError `closed` */
  attachPublisher(publisher: BypassPublisher): void {
    if (this.#closed) throw new SfuError('closed', `The stream ${this.stream} is gone.`);
    this.#publisherSlot.take(publisher);
  }

  /**
   * Leads what the publisher sends to a port of a stream process.
   * @returns undefined where nobody publishes
   * @throws Error when the worker dies or the publisher leaves meanwhile
   */
  async tap(port: number): Promise<PublisherTap | BypassTap | undefined> {
    const { bypass } = this.#publisherSlot;
    if (bypass !== undefined) return bypass.tap();
    const publisher = this.#publisherSlot.connected;
    return publisher === undefined ? undefined : PublisherTap.create(publisher, port);
  }

  /**
   * Opens a transport for a viewer; its consumer starts paused.
   * @throws SfuError
   */
  async addViewer(request: ViewerRequest): Promise<Viewer> {
    // Everything that the viewer takes part in, given back when it ends.
    const shares = new DisposableStack();
    try {
      const worker = this.#viewers.nextWorker();
      const slot = await worker.slot(request.payloadTypes);
      shares.defer(slot.release);
      const publisher = this.#forwardable(request, slot.value);
      const producer = await (publisher?.at(slot.value) ?? this.#renditions.renditionAt(this.#renditionFor(request, slot.value), slot.value));
      shares.defer(producer.release);
      const annotations = request.data ? await this.#annotations.at(slot.value, request.packed === true) : undefined;
      shares.defer(() => annotations?.release());
      if (annotations !== undefined) shares.defer(this.#leases.leaseAnnotations());
      const { connectTimeoutMs, consentTimeoutS } = this.#options;
      const viewer = await Viewer.create({
        ...request,
        slot: slot.value,
        producer: producer.value,
        forwarded: publisher !== undefined,
        annotations: annotations?.value,
        connectTimeoutMs,
        consentTimeoutS,
      });
      if (this.#closed) {
        viewer.close('gone');
        throw new SfuError('closed', `The stream ${this.stream} is gone.`);
      }
      if (viewer.forwarded && !this.#forwardingAllowed) {
        viewer.close('source-changed');
        throw new SfuError('unavailable', 'The clean variant is no longer forwarded as it is. Try again.');
      }
      this.#viewers.admit(viewer, worker, shares);
      return viewer;
    } catch (error) {
      shares.dispose();
      throw asSfuError(error);
    }
  }

  /**
   * Sends a viewer sound too. The viewer tells of its end by `silent`.
   * @param mid the media identification that the viewer's description gives the audio (RFC 5888)
   * @throws SfuError
   */
  async listen(viewer: Viewer, mid?: string): Promise<Consumer> {
    try {
      const sound = await this.#soundAt(viewer.slot);
      if (sound === undefined) throw new SfuError('no-audio', 'The stream has no sound right now.');
      return await viewer.listen(sound, mid);
    } catch (error) {
      throw asSfuError(error);
    }
  }

  /** The stream is gone; idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.home.off('died', this.#onDied).off('ready', this.#onReady);
    this.#publisherSlot.clear('gone');
    this.#viewers.end('gone');
    this.#renditions.close();
    this.#leases.clear();
    this.emit('close');
    this.removeAllListeners();
  }

  /** Whether viewers of a variant may be sent what a publisher or the source sends. */
  #mayForward(variant: Variant): boolean {
    return variant === 'clean' && this.#forwardingAllowed;
  }

  /** The publisher, where the viewer can be sent its video as it is. */
  #forwardable({ variant, rtpCapabilities }: ViewerRequest, slot: RouterSlot): Publisher | undefined {
    const publisher = this.#mayForward(variant) ? this.#publisherSlot.connected : undefined;
    return publisher?.canReach(slot, rtpCapabilities) === true ? publisher : undefined;
  }

  /** Of what is made here. */
  #renditionFor({ variant, rtpCapabilities }: ViewerRequest, { payloadTypes }: RouterSlot): RenditionSpec {
    const native = this.#mayForward(variant) ? this.#native : undefined;
    const taken = native !== undefined && takesCodec(rtpCapabilities, native) && (payloadTypes === BASE_PAYLOAD_TYPES || payloadTypes.codec === native);
    return { variant, codec: taken ? native : 'H264' };
  }

  /** What a publisher sends is forwarded; what any other source has, the stream process makes. */
  #soundAt(slot: RouterSlot): Promise<Ref<Producer> | undefined> {
    const publisher = this.#publisherSlot.connected;
    return publisher === undefined ? this.#renditions.soundAt(slot) : publisher.audioAt(slot);
  }

  /** The stream's worker died. Viewers on other workers lose their pipe with it. */
  #forget(): void {
    this.#renditions.forget();
    if (this.#publisherSlot.bypass === undefined) this.#publisherSlot.clear('worker-died');
    this.#viewers.end('worker-died');
  }
}

function asSfuError(error: unknown): SfuError {
  if (error instanceof SfuError) return error;
  return new SfuError('unavailable', 'The media worker can’t do this right now.', { cause: error });
}
