import { EventEmitter } from 'node:events';
import type { Consumer, DataProducer, Producer, RtpCapabilities, RtpParameters } from 'mediasoup/types';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { PayloadTypes } from './codecs.ts';
import type { DirectPublisher, DirectTap } from './direct-publisher.ts';
import { SfuError } from './errors.ts';
import { ForwardMeter } from './forward-meter.ts';
import { Intake } from './intake.ts';
import type { MediaWorker } from './media-worker.ts';
import type { ResolvedSfuOptions } from './options.ts';
import { AnnotationPacker } from './packed-annotations.ts';
import { PACKED_PROTOCOL } from './packed-protocol.ts';
import type { Place } from './place.ts';
import type { PeerEnd } from './peer.ts';
import { Publisher } from './publisher.ts';
import { PublisherSeat } from './publisher-seat.ts';
import { Shared, type Held } from './shared.ts';
import { Tap } from './tap.ts';
import { Viewer } from './viewer.ts';

/** The label of the data channel with annotation messages. */
const ANNOTATIONS = 'annotations';

interface BroadcastEvents {
  /** A variant is needed: encode it and send it there. Comes again, with another target, when its worker was replaced. */
  start: [variant: Variant, target: RtpTarget];
  /** Nobody needs the variant any more. */
  stop: [variant: Variant];
  /** The sound is needed, as with `start`. */
  'audio-start': [target: RtpTarget];
  /** Nobody listens any more. */
  'audio-stop': [];
  viewers: [count: number];
  /** Somebody publishes, or nobody does any more. */
  publisher: [];
  close: [];
}

/** Somebody who needs a variant to be made, and is no WebRTC viewer. */
export interface Lease {
  /** Idempotent. */
  readonly release: () => void;
}

export interface ViewerRequest {
  readonly variant: Variant;
  readonly rtpCapabilities: RtpCapabilities;
  /** Under which payload types the viewer expects H.264; left out, the usual ones. */
  readonly payloadTypes?: PayloadTypes;
  /** Open a data channel for annotations. */
  readonly data: boolean;
  /** The viewer understands packed annotations. */
  readonly packed?: boolean;
  /** The media identification that the viewer's description gives the video (RFC 5888). */
  readonly mid?: string;
}

export interface PublishRequest {
  /** What it sends, in its own payload types and identifiers. */
  readonly video: RtpParameters;
  readonly audio?: RtpParameters | undefined;
}

/** Everything that one stream is inside the SFU: where its variants come in, and who watches. */
export class Broadcast extends EventEmitter<BroadcastEvents> {
  readonly stream: string;
  readonly home: MediaWorker;
  readonly #options: ResolvedSfuOptions;
  readonly #workers: readonly MediaWorker[];
  readonly #intakes: Readonly<Record<Variant, Intake>>;
  readonly #sound: Intake;
  readonly #announcers = new Shared<Place, DataProducer>(
    (place) => place.produceData(ANNOTATIONS),
    (producer) => producer.close(),
  );
  readonly #packedAnnouncers = new Shared<Place, DataProducer>(
    (place) => place.produceData(ANNOTATIONS, PACKED_PROTOCOL),
    (producer) => producer.close(),
  );
  readonly #packer = new AnnotationPacker();
  readonly #viewers = new Map<Viewer, MediaWorker>();
  readonly #onDied = (): void => this.#forget();
  readonly #onReady = (): void => this.#rebuild();
  readonly #seat = new PublisherSeat();
  readonly #forwardMeter = new ForwardMeter(() => (this.forwarding ? this.#seat.connected?.video : undefined));
  #direct = true;
  #closed = false;

  constructor(stream: string, home: MediaWorker, workers: readonly MediaWorker[], options: ResolvedSfuOptions) {
    super();
    this.stream = stream;
    this.home = home;
    this.#workers = workers;
    this.#options = options;
    this.#intakes = { annotated: this.#intake('annotated'), clean: this.#intake('clean') };
    this.#seat.on('change', () => this.emit('publisher'));
    this.#sound = new Intake(home, options.lingerMs, 'audio')
      .on('start', (target) => this.emit('audio-start', target))
      .on('stop', () => this.emit('audio-stop'));
    home.on('died', this.#onDied).on('ready', this.#onReady);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Whoever publishes, or is connecting to do so. */
  get publisher(): Publisher | DirectPublisher | undefined {
    return this.#seat.publisher;
  }

  /** What a publisher sends over WebRTC beside its video; undefined where nobody does. */
  get published(): { readonly audio: boolean } | undefined {
    const publisher = this.#seat.connected;
    return publisher === undefined ? undefined : { audio: publisher.audio !== undefined };
  }

  /** Whether viewers of the clean variant are sent what a publisher sends. */
  get forwarding(): boolean {
    return [...this.#viewers.keys()].some(({ forwarded }) => forwarded);
  }

  /** Bits a second of what they are sent, once for all of them; zero while nothing is forwarded. */
  get forwardedBitrate(): number {
    return this.#forwardMeter.bitrate;
  }

  /** Whether viewers of the clean variant may be sent what a publisher sends. Those who are and no longer may have to come again. */
  allowForwarding(allowed: boolean): void {
    this.#direct = allowed;
    if (allowed) return;
    for (const viewer of [...this.#viewers.keys()]) if (viewer.forwarded) viewer.close('source-changed');
  }

  /** Tells every viewer's data channel; who can't keep up misses messages. */
  announce(message: AnnotationMessage): void {
    let text: string | undefined;
    for (const producer of this.#announcers.values()) {
      if (!producer.closed) producer.send((text ??= JSON.stringify(message)));
    }
    let packed: Buffer | undefined;
    for (const producer of this.#packedAnnouncers.values()) {
      if (!producer.closed) producer.send((packed ??= this.#packer.pack(message)));
    }
  }

  /**
   * A consumer that is no viewer, such as a recorder, needs the variant.
   * @throws SfuError
   */
  async acquire(variant: Variant): Promise<Lease> {
    const release = this.#intakes[variant].use();
    try {
      await this.#intakes[variant].ingest();
      return { release };
    } catch (error) {
      release();
      throw asSfuError(error);
    }
  }

  /**
   * Opens a transport for a publisher, who takes the place of the one before.
   * @throws SfuError
   */
  async publish(request: PublishRequest): Promise<Publisher> {
    try {
      const { connectTimeoutMs, consentTimeoutS } = this.#options;
      const publisher = await Publisher.create({ ...request, place: await this.home.base(), connectTimeoutMs, consentTimeoutS });
      if (this.#closed) {
        publisher.close('gone');
        throw new SfuError('closed', `The stream ${this.stream} is gone.`);
      }
      this.#seat.take(publisher);
      return publisher;
    } catch (error) {
      throw asSfuError(error);
    }
  }

  /** Seats a publisher whose media does not come through here, in the place of the one before. @throws SfuError `closed` */
  seat(publisher: DirectPublisher): void {
    if (this.#closed) throw new SfuError('closed', `The stream ${this.stream} is gone.`);
    this.#seat.take(publisher);
  }

  /**
   * Leads what the publisher sends to a port of a stream process.
   * @returns undefined where nobody publishes
   * @throws Error when the worker dies or the publisher leaves meanwhile
   */
  async tap(port: number): Promise<Tap | DirectTap | undefined> {
    const { direct } = this.#seat;
    if (direct !== undefined) return direct.tap();
    const publisher = this.#seat.connected;
    return publisher === undefined ? undefined : Tap.create(publisher, port);
  }

  /**
   * Opens a transport for a viewer; its consumer starts paused.
   * @throws SfuError
   */
  async addViewer(request: ViewerRequest): Promise<Viewer> {
    // Everything that the viewer takes part in, given back when it ends.
    const shares = new DisposableStack();
    try {
      const worker = this.#workerForViewer();
      const place = await worker.place(request.payloadTypes);
      shares.defer(place.release);
      const publisher = this.#forwardable(request, place.value);
      const producer = publisher === undefined ? await this.#made(request.variant, place.value, shares) : await publisher.at(place.value);
      shares.defer(producer.release);
      const announcer = request.data ? await (request.packed === true ? this.#packedAnnouncers : this.#announcers).hold(place.value) : undefined;
      shares.defer(() => announcer?.release());
      const { connectTimeoutMs, consentTimeoutS } = this.#options;
      const viewer = await Viewer.create({
        ...request,
        place: place.value,
        producer: producer.value,
        forwarded: publisher !== undefined,
        annotations: announcer?.value,
        connectTimeoutMs,
        consentTimeoutS,
      });
      if (this.#closed) {
        viewer.close('gone');
        throw new SfuError('closed', `The stream ${this.stream} is gone.`);
      }
      if (viewer.forwarded && !this.#direct) {
        viewer.close('source-changed');
        throw new SfuError('unavailable', 'The clean variant is no longer forwarded as it is. Try again.');
      }
      this.#admit(viewer, worker, shares);
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
      const sound = await this.#soundAt(viewer.place);
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
    this.#seat.clear('gone');
    this.#endViewers('gone');
    for (const intake of this.#allIntakes) intake.close();
    this.emit('close');
    this.removeAllListeners();
  }

  get #allIntakes(): Intake[] {
    return [...Object.values(this.#intakes), this.#sound];
  }

  #intake(variant: Variant): Intake {
    return new Intake(this.home, this.#options.lingerMs, 'video')
      .on('start', (target) => this.emit('start', variant, target))
      .on('stop', () => this.emit('stop', variant));
  }

  /** The publisher, where the viewer can be sent its video as it is. */
  #forwardable({ variant, rtpCapabilities }: ViewerRequest, place: Place): Publisher | undefined {
    const publisher = variant === 'clean' && this.#direct ? this.#seat.connected : undefined;
    return publisher?.canReach(place, rtpCapabilities) === true ? publisher : undefined;
  }

  /** What a publisher sends is forwarded; what any other source has, the stream process makes. */
  async #soundAt(place: Place): Promise<Held<Producer> | undefined> {
    const publisher = this.#seat.connected;
    if (publisher !== undefined) return publisher.audioAt(place);
    const leave = this.#sound.use();
    try {
      const { value, release } = await (await this.#sound.ingest()).at(place);
      const both = (): void => {
        release();
        leave();
      };
      return { value, release: both };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** A variant that the stream process makes, for as long as it is shared. */
  async #made(variant: Variant, place: Place, shares: DisposableStack): Promise<Held<Producer>> {
    shares.defer(this.#intakes[variant].use());
    const ingest = await this.#intakes[variant].ingest();
    return ingest.at(place);
  }

  #admit(viewer: Viewer, worker: MediaWorker, shares: DisposableStack): void {
    this.#viewers.set(viewer, worker);
    viewer.once('close', () => {
      this.#viewers.delete(viewer);
      shares.dispose();
      this.emit('viewers', this.#viewers.size);
    });
    this.emit('viewers', this.#viewers.size);
  }

  /** The stream's own worker, until it serves many; then the one that serves the fewest of the stream's viewers. */
  #workerForViewer(): MediaWorker {
    const count = (worker: MediaWorker): number => [...this.#viewers.values()].filter((one) => one === worker).length;
    if (this.#workers.length === 1 || count(this.home) < this.#options.viewersPerWorker) return this.home;
    const running = this.#workers.filter(({ running }) => running);
    return running.toSorted((a, b) => count(a) - count(b))[0] ?? this.home;
  }

  /** The stream's worker died. Viewers on other workers lose their pipe with it. */
  #forget(): void {
    for (const intake of this.#allIntakes) intake.forget();
    if (this.#seat.direct === undefined) this.#seat.clear('worker-died');
    this.#endViewers('worker-died');
  }

  #rebuild(): void {
    for (const intake of this.#allIntakes) {
      intake.rebuild().catch((error: unknown) => {
        this.#options.logger.warn({ err: error, stream: this.stream }, 'what the stream needs could not be made again');
      });
    }
  }

  #endViewers(reason: PeerEnd): void {
    for (const viewer of [...this.#viewers.keys()]) viewer.close(reason);
  }
}

function asSfuError(error: unknown): SfuError {
  if (error instanceof SfuError) return error;
  return new SfuError('unavailable', 'The media worker can’t do this right now.', { cause: error });
}
