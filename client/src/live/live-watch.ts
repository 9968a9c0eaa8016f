import type { types } from 'mediasoup-client';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/media/info.ts';
import { PACKED_PROTOCOL } from '../../../src/sfu/packed-protocol.ts';
import type { ServerMessage } from '../../../src/signaling/protocol.ts';
import { Backoff } from './backoff.ts';
import { LiveSession, type Refusal, type SessionMember } from './live-session.ts';
import { AnnotationUnpacker, canUnpack } from './packed-annotations.ts';
import { RequestRefused, type Request } from './signaling-socket.ts';
import { WatchedSound } from './watched-sound.ts';

type Watching = Extract<ServerMessage, { type: 'watching' }>;
export type StreamCondition = Pick<Extract<ServerMessage, { type: 'state' }>, 'state' | 'problem' | 'retryAt' | 'audio' | 'drawing'>;

/** Milliseconds in which a broken ICE connection may come back by itself before it is made anew. */
const ICE_PATIENCE_MS = 2000;
/** Milliseconds that media has to come through, by whatever way, until the page says that it does not; it goes on trying. */
const BLOCKED_MS = 8000;
/** Milliseconds between two looks for a stream that does not exist. */
const GONE_MS = 3000;

/**
 * - `connecting`: on the way for the first time
 * - `connected`: media flows, or will as soon as the stream is live
 * - `reconnecting`: something broke, and is being made anew
 * - `blocked`: the server answers, but neither UDP nor TCP of its media port comes through; it is tried again without end
 * - `gone`: the stream does not exist; it is looked for again slowly
 * - others: there will be no video
 */
export type Phase = 'connecting' | 'connected' | 'reconnecting' | 'blocked' | 'gone' | Refusal;

export interface WatchEvents {
  /** It changed; the first is `connecting`, and not told. */
  phase(phase: Phase): void;
  condition(condition: StreamCondition): void;
  track(track: MediaStreamTrack): void;
  /** What is to be heard; undefined: nothing any more. */
  sound(track: MediaStreamTrack | undefined): void;
  /** The track is about to end: the last moment in which its picture can be kept. */
  ending(): void;
  annotation(message: AnnotationMessage): void;
}

/** One variant of one stream on its way to the page: transport and consumer, made anew whenever something breaks. */
export class LiveWatch implements SessionMember {
  readonly #stream: string;
  readonly #variant: Variant;
  readonly #events: WatchEvents;
  readonly #session: LiveSession;
  readonly #backoff = new Backoff({ firstMs: 150, mostMs: 5000 });
  #watch: string | undefined;
  #transport: types.Transport | undefined;
  #consumer: types.Consumer | undefined;
  #sound: WatchedSound | undefined;
  #audible = false;
  #listening = false;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #iceTimer: ReturnType<typeof setTimeout> | undefined;
  #blockedTimer: ReturnType<typeof setTimeout> | undefined;
  /** Media did not come through, and has not since. */
  #blocked = false;
  #ports: readonly number[] = [];
  #paused = false;
  #delay = 0;
  /** Sizes that the video comes in, each half of the next. */
  #spatialLayers = 1;
  #skippedLayers = 0;
  #closed = false;

  /** @param url of the signalling WebSocket */
  constructor(url: string, stream: string, variant: Variant, events: WatchEvents) {
    this.#stream = stream;
    this.#variant = variant;
    this.#events = events;
    this.#session = LiveSession.join(url, this);
    if (this.#session.ready) this.#again(0);
  }

  /** Milliseconds to add to this clock for the server's; undefined before it is known. */
  get clockOffset(): number | undefined {
    return this.#session.clock.offset;
  }

  /** By which media comes, UDP and TCP; empty before the server has said so. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Of the video that comes in; undefined while none does. */
  async receiverStats(): Promise<RTCStatsReport | undefined> {
    return this.#consumer === undefined || this.#consumer.closed ? undefined : this.#consumer.getStats().catch(() => undefined);
  }

  /** While paused, no video is sent; annotations are. Playing again begins with a new picture, not with the old one. */
  set paused(paused: boolean) {
    if (paused === this.#paused) return;
    this.#paused = paused;
    this.#syncPause();
  }

  /** How many of the largest spatial layers are not needed, as small as the picture is shown. */
  set skippedLayers(skippedLayers: number) {
    if (skippedLayers === this.#skippedLayers) return;
    this.#skippedLayers = skippedLayers;
    this.#syncLayers();
  }

  /** Whether sound is wanted: it comes whenever the stream has some. */
  set listening(listening: boolean) {
    this.#listening = listening;
    if (this.#sound !== undefined) this.#sound.wanted = listening;
  }

  /** No picture comes although it should: all is made anew. */
  restart(): void {
    if (this.#closed) return;
    this.#drop();
    this.#events.phase(this.#blocked ? 'blocked' : 'reconnecting');
    this.#again(this.#backoff.next());
  }

  /** Milliseconds by which the browser holds the video back, where it lets itself be told. */
  set delay(ms: number) {
    this.#delay = ms;
    if (this.#consumer?.rtpReceiver !== undefined) holdBack(this.#consumer.rtpReceiver, ms);
  }

  /** A picture has come: the next failure waits the least again. */
  succeeded(): void {
    this.#backoff.reset();
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#drop();
    this.#session.leave(this);
  }

  ready(alive: readonly string[]): void {
    if (this.#watch !== undefined && alive.includes(this.#watch)) {
      this.#syncPause();
      if (this.#transport?.connectionState === 'connected') this.#events.phase('connected');
      return;
    }
    this.#drop();
    this.#again(0);
  }

  lost(): void {
    // Without an answer from the server, nobody knows what is blocked.
    this.#blocked = false;
    clearTimeout(this.#blockedTimer);
    // Video goes on without the socket; only where there is none yet, somebody waits.
    if (this.#transport?.connectionState !== 'connected') this.#events.phase('reconnecting');
  }

  refused(reason: Refusal): void {
    this.#events.phase(reason);
  }

  hurry(): void {
    if (this.#retry !== undefined) this.#again(0);
  }

  message(message: ServerMessage): void {
    if (message.type === 'state' && message.stream === this.#stream) this.#condition(message);
    else if (message.type === 'silent' && message.watch === this.#watch) this.#sound?.ended();
    else if (message.type === 'reset' && message.watch === this.#watch) this.restart();
    else if (message.type === 'gone' && message.watch === this.#watch) this.#gone();
  }

  #condition(condition: StreamCondition): void {
    this.#audible = condition.audio;
    if (this.#sound !== undefined) this.#sound.there = condition.audio;
    this.#events.condition(condition);
  }

  #gone(): void {
    this.#drop();
    this.#events.phase('gone');
    this.#again(GONE_MS);
  }

  /** Watches after a wait; the newest attempt is the only one that counts. */
  #again(wait: number): void {
    clearTimeout(this.#retry);
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      void this.#open();
    }, wait);
  }

  async #open(): Promise<void> {
    // Without a session, its next start goes on from here.
    if (!this.#session.ready) return;
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt && !this.#closed;
    try {
      const rtpCapabilities = this.#session.rtpCapabilities as unknown as Extract<Request, { type: 'watch' }>['rtpCapabilities'];
      const answer = await this.#session.ask({ type: 'watch', stream: this.#stream, variant: this.#variant, rtpCapabilities, packed: canUnpack() });
      if (answer.type !== 'watching') return;
      if (current()) await this.#receive(answer);
      else this.#tell({ type: 'unwatch', watch: answer.watch });
    } catch (error) {
      if (!current()) return;
      const code = error instanceof RequestRefused ? error.code : undefined;
      if (code === 'stream-not-found') return this.#gone();
      this.#drop();
      if (code === 'no-common-codec') this.#events.phase('unsupported');
      else this.#again(this.#backoff.next());
    }
  }

  async #receive({ watch, transport: remote, consumer, dataConsumer }: Watching): Promise<void> {
    this.#watch = watch;
    this.#spatialLayers = Number(/^L(\d)/.exec(consumer.rtpParameters.encodings?.[0]?.scalabilityMode ?? '')?.[1] ?? 1);
    if (this.#skippedLayers > 0) this.#syncLayers();
    const transport = this.#session.createTransport(remote as types.TransportOptions);
    this.#transport = transport;
    this.#ports = [...new Set(remote.iceCandidates.map(({ port }) => port))];
    this.#blockedTimer = setTimeout(() => this.#obstructed(), BLOCKED_MS);
    transport.on('connect', ({ dtlsParameters }, done) => {
      const connected = this.#session.ask({ type: 'connect-transport', watch, dtlsParameters: dtlsParameters as never });
      // No wait for the answers: the server asks for a key frame when it has both, and ICE takes longer than that.
      const resumed = this.#paused ? undefined : this.#session.ask({ type: 'resume-consumer', watch });
      Promise.all([connected, resumed]).catch(() => {
        if (transport === this.#transport) this.restart();
      });
      done();
    });
    transport.on('connectionstatechange', (state) => this.#transportState(transport, state));
    const video = transport.consume({ ...consumer, streamId: this.#stream, rtpParameters: consumer.rtpParameters as types.RtpParameters, onRtpReceiver: (receiver) => holdBack(receiver, this.#delay) });
    const { id, dataProducerId, sctpStreamParameters, label, protocol } = dataConsumer;
    const data = transport.consumeData({ id, dataProducerId, sctpStreamParameters: sctpStreamParameters as types.SctpStreamParameters, label, protocol });
    // It is awaited below; should the video fail first, this one fails with it.
    data.catch(() => undefined);
    this.#consumer = await video;
    this.#events.track(this.#consumer.track);
    this.#listen(watch, transport);
    this.#read(await data, protocol === PACKED_PROTOCOL);
  }

  #read(data: types.DataConsumer, packed: boolean): void {
    const unpacker = new AnnotationUnpacker();
    if (packed) data.binaryType = 'arraybuffer';
    data.on('message', (message: unknown) => {
      if (!packed) return this.#events.annotation(JSON.parse(String(message)) as AnnotationMessage);
      // What can't be unpacked counts as lost.
      unpacker.unpack(message as ArrayBuffer).then((messages) => messages.forEach((one) => this.#events.annotation(one)), () => undefined);
    });
  }

  /** Sound follows the picture: nobody who joins waits for it. */
  #listen(watch: string, transport: types.Transport): void {
    if (transport !== this.#transport) return;
    const sound = new WatchedSound({
      watch,
      stream: this.#stream,
      transport,
      ask: (message) => this.#session.ask(message),
      track: (track) => this.#events.sound(track),
    });
    this.#sound = sound;
    sound.there = this.#audible;
    sound.wanted = this.#listening;
  }

  #transportState(transport: types.Transport, state: types.ConnectionState): void {
    if (transport !== this.#transport) return;
    clearTimeout(this.#iceTimer);
    if (state === 'connected') this.#connected();
    else if (state === 'failed') this.restart();
    else if (state === 'disconnected') this.#iceTimer = setTimeout(() => this.restart(), ICE_PATIENCE_MS);
  }

  #connected(): void {
    clearTimeout(this.#blockedTimer);
    this.#blocked = false;
    this.#events.phase('connected');
  }

  #obstructed(): void {
    this.#blocked = true;
    this.#events.phase('blocked');
  }

  #syncPause(): void {
    if (this.#watch !== undefined) this.#tell({ type: this.#paused ? 'pause-consumer' : 'resume-consumer', watch: this.#watch });
  }

  #syncLayers(): void {
    const largest = this.#spatialLayers - 1;
    if (this.#watch !== undefined && largest > 0) this.#tell({ type: 'set-preferred-layers', watch: this.#watch, spatialLayer: Math.max(0, largest - this.#skippedLayers) });
  }

  /** Says something whose answer changes nothing here: without a session, the next one is told anew. */
  #tell(message: Request): void {
    if (this.#session.ready) this.#session.ask(message).catch(() => undefined);
  }

  /** Forgets the transport, and lets the server forget it too. */
  #drop(): void {
    this.#attempt += 1;
    clearTimeout(this.#iceTimer);
    clearTimeout(this.#blockedTimer);
    if (this.#consumer !== undefined) this.#events.ending();
    this.#sound?.close();
    this.#sound = undefined;
    this.#transport?.close();
    if (this.#watch !== undefined) this.#tell({ type: 'unwatch', watch: this.#watch });
    this.#watch = this.#transport = this.#consumer = undefined;
  }
}

/** Asks for a delay, by the standard's name and by the one that came before. @param ms 0 for the smallest that the browser can do */
function holdBack(receiver: RTCRtpReceiver, ms: number): void {
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = ms;
  if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = ms / 1000;
}
