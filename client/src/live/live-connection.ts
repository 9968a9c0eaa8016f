import { Device, type types } from 'mediasoup-client';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import type { Variant } from '../../../src/pipeline/messages.ts';
import type { ServerMessage } from '../../../src/signaling/protocol.ts';
import { Backoff } from './backoff.ts';
import { RequestRefused, SignalingSocket } from './signaling-socket.ts';

type Watching = Extract<ServerMessage, { type: 'watching' }>;
type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
export type StreamCondition = Pick<Extract<ServerMessage, { type: 'state' }>, 'state' | 'problem' | 'retryAt'>;

/** Milliseconds in which a broken ICE connection may come back by itself before it is made anew. */
const ICE_PATIENCE_MS = 2000;

/**
 * - `connecting`: on the way to the first picture
 * - `connected`: media flows, or will as soon as the stream is live
 * - `reconnecting`: something broke, and is being made anew
 * - `gone`: the stream does not exist; it is looked for again slowly
 * - `unsupported`: this browser can't decode it
 * - `refused`: the server does not let this page in
 */
export type Phase = 'connecting' | 'connected' | 'reconnecting' | 'gone' | 'unsupported' | 'refused';

export interface ConnectionEvents {
  phase(phase: Phase): void;
  condition(condition: StreamCondition): void;
  track(track: MediaStreamTrack): void;
  annotation(message: AnnotationMessage): void;
}

/** One stream on its way into one `<video>`: signalling, transport and consumer, made anew whenever something breaks. */
export class LiveConnection {
  readonly #stream: string;
  readonly #variant: Variant;
  readonly #events: ConnectionEvents;
  readonly #socket: SignalingSocket;
  readonly #backoff = new Backoff({ firstMs: 150, mostMs: 4000 });
  #device: Device | undefined;
  #iceServers: Welcome['iceServers'] = [];
  #watch: string | undefined;
  #transport: types.Transport | undefined;
  #consumer: types.Consumer | undefined;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #iceTimer: ReturnType<typeof setTimeout> | undefined;
  #wasConnected = false;
  #closed = false;

  /** @param url of the signalling WebSocket */
  constructor(url: string, stream: string, variant: Variant, events: ConnectionEvents) {
    this.#stream = stream;
    this.#variant = variant;
    this.#events = events;
    this.#socket = new SignalingSocket(url, {
      welcome: (message) => void this.#welcome(message),
      message: (message) => this.#message(message),
      lost: (final) => {
        if (final) this.#events.phase('refused');
        // Video goes on without the socket; only where there is none yet, somebody waits.
        else if (this.#transport?.connectionState !== 'connected') this.#events.phase(this.#wasConnected ? 'reconnecting' : 'connecting');
      },
    });
    this.#events.phase('connecting');
  }

  /** Milliseconds to add to this clock for the server's; undefined before it is known. */
  get clockOffset(): number | undefined {
    return this.#socket.clock.offset;
  }

  /** Of the video that comes in; undefined while none does. */
  async receiverStats(): Promise<RTCStatsReport | undefined> {
    return this.#consumer === undefined || this.#consumer.closed ? undefined : this.#consumer.getStats();
  }

  /** No picture comes although it should: the transport is made anew. */
  restart(): void {
    this.#drop();
    this.#events.phase('reconnecting');
    this.#again(0);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    this.#drop();
    this.#socket.close();
  }

  async #welcome({ resumed, watches, rtpCapabilities, iceServers }: Welcome): Promise<void> {
    this.#iceServers = iceServers;
    if (this.#device === undefined) {
      try {
        const device = new Device();
        await device.load({ routerRtpCapabilities: rtpCapabilities as types.RtpCapabilities });
        this.#device = device;
      } catch {
        return this.#events.phase('unsupported');
      }
    }
    if (resumed && this.#watch !== undefined && watches.includes(this.#watch)) {
      if (this.#transport?.connectionState === 'connected') this.#events.phase('connected');
      return;
    }
    this.#drop();
    this.#again(0);
  }

  #message(message: ServerMessage): void {
    switch (message.type) {
      case 'state':
        if (message.stream === this.#stream) this.#events.condition(message);
        return;
      case 'reset':
        if (message.watch === this.#watch) this.restart();
        return;
      case 'gone':
        if (message.watch !== this.#watch) return;
        this.#drop();
        this.#events.phase('gone');
        this.#again(3000);
        return;
      default:
    }
  }

  /** Watches after a wait; the newest attempt is the only one that counts. */
  #again(wait: number): void {
    clearTimeout(this.#retryTimer);
    if (this.#closed) return;
    this.#retryTimer = setTimeout(() => void this.#open(), wait);
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    // Without a socket, the welcome of the next one goes on from here.
    if (this.#device === undefined || !this.#socket.open) return;
    try {
      const rtpCapabilities = this.#device.recvRtpCapabilities as unknown as Extract<Parameters<SignalingSocket['ask']>[0], { type: 'watch' }>['rtpCapabilities'];
      const answer = await this.#socket.ask({ type: 'watch', stream: this.#stream, variant: this.#variant, rtpCapabilities });
      if (answer.type !== 'watching') return;
      if (attempt !== this.#attempt || this.#closed) {
        this.#socket.ask({ type: 'unwatch', watch: answer.watch }).catch(() => undefined);
        return;
      }
      await this.#receive(this.#device, answer);
      this.#backoff.reset();
    } catch (error) {
      if (attempt !== this.#attempt || this.#closed) return;
      this.#drop();
      const code = error instanceof RequestRefused ? error.code : undefined;
      if (code === 'no-common-codec') return this.#events.phase('unsupported');
      if (code === 'stream-not-found') this.#events.phase('gone');
      this.#again(code === 'stream-not-found' ? 3000 : this.#backoff.next());
    }
  }

  async #receive(device: Device, { watch, transport: remote, consumer, dataConsumer }: Watching): Promise<void> {
    this.#watch = watch;
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = remote;
    const transport = device.createRecvTransport({
      id,
      iceParameters: iceParameters as types.IceParameters,
      iceCandidates: iceCandidates as types.IceCandidate[],
      dtlsParameters: dtlsParameters as types.DtlsParameters,
      sctpParameters: sctpParameters as types.SctpParameters,
      iceServers: this.#iceServers as RTCIceServer[],
    });
    this.#transport = transport;
    transport.on('connect', ({ dtlsParameters: own }, done, failed) => {
      const connected = this.#socket.ask({ type: 'connect-transport', watch, dtlsParameters: own as never });
      // No wait between the two: the server asks for a key frame when both have happened.
      const resumed = this.#socket.ask({ type: 'resume-consumer', watch });
      Promise.all([connected, resumed]).then(() => done(), failed);
    });
    transport.on('connectionstatechange', (state) => this.#transportState(transport, state));
    const video = await transport.consume({ ...consumer, rtpParameters: consumer.rtpParameters as types.RtpParameters });
    this.#consumer = video;
    showAtOnce(video.rtpReceiver);
    this.#events.track(video.track);
    const { id: dataId, dataProducerId, sctpStreamParameters, label, protocol } = dataConsumer;
    const data = await transport.consumeData({ id: dataId, dataProducerId, sctpStreamParameters: sctpStreamParameters as types.SctpStreamParameters, label, protocol });
    data.on('message', (text: unknown) => this.#events.annotation(JSON.parse(String(text)) as AnnotationMessage));
  }

  #transportState(transport: types.Transport, state: types.ConnectionState): void {
    if (transport !== this.#transport) return;
    clearTimeout(this.#iceTimer);
    if (state === 'connected') {
      this.#wasConnected = true;
      this.#events.phase('connected');
    } else if (state === 'failed') {
      this.restart();
    } else if (state === 'disconnected') {
      this.#iceTimer = setTimeout(() => this.restart(), ICE_PATIENCE_MS);
    }
  }

  /** Forgets the transport, and lets the server forget it too. */
  #drop(): void {
    this.#attempt += 1;
    clearTimeout(this.#iceTimer);
    const watch = this.#watch;
    this.#watch = undefined;
    this.#consumer = undefined;
    const transport = this.#transport;
    this.#transport = undefined;
    transport?.close();
    if (watch !== undefined && this.#socket.open) this.#socket.ask({ type: 'unwatch', watch }).catch(() => undefined);
  }
}

/** Asks for the smallest delay that the browser can do, by the standard's name and by the one that came before. */
function showAtOnce(receiver: RTCRtpReceiver | undefined): void {
  if (receiver === undefined) return;
  if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
  if ('playoutDelayHint' in receiver) receiver.playoutDelayHint = 0;
}
