import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { RtpCapabilities } from 'mediasoup/types';
import type { WebSocket } from 'ws';
import type { Sfu } from '../sfu/sfu.ts';
import type { Viewer } from '../sfu/viewer.ts';
import type { LiveStreams } from './live-streams.ts';
import {
  ANNOTATIONS_LABEL,
  CloseCode,
  ErrorCode,
  PROTOCOL_VERSION,
  type ClientMessage,
  type ServerMessage,
} from './protocol.ts';
import { now } from '../util/clock.ts';
import { Refusal } from '../util/refusal.ts';

/** Most watches of one session. */
const MAX_WATCHES = 64;

export interface SessionOptions {
  readonly sfu: Sfu;
  readonly streams: LiveStreams;
  readonly iceServers: Extract<ServerMessage, { type: 'welcome' }>['iceServers'];
  readonly heartbeatMs: number;
  readonly resumeWithinMs: number;
  readonly logger: Logger;
  /** Called when the session is over: it was not resumed in time, or the server is shutting down. */
  readonly onEnd: () => void;
}

interface WatchEntry {
  readonly stream: string;
  readonly viewer: Viewer;
}

type Request = Extract<ClientMessage, { request: number }>;
type Listening = Extract<ServerMessage, { type: 'listening' }>;

/**
 * One page and its watches. It outlives its socket: connected ⇄ waiting (for a socket that resumes it) → ended.
 */
export class Session {
  readonly id = randomUUID();
  readonly #options: SessionOptions;
  readonly #watches = new Map<string, WatchEntry>();
  readonly #stopListening: () => void;
  /** Number of watches being opened. */
  #opening = 0;
  #token = newToken();
  #socket: WebSocket | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#stopListening = options.streams.onCondition((stream) => {
      if ([...this.#watches.values()].some((entry) => entry.stream === stream)) this.#tellState(stream);
    });
  }

  /** Whether a token resumes it. */
  owns(token: string): boolean {
    return !this.#ended && token === this.#token;
  }

  /** Attaches the first socket, or one that resumes the session; the token changes. */
  attach(socket: WebSocket, resumed: boolean): void {
    clearTimeout(this.#waiting);
    this.#socket?.close(CloseCode.replaced, 'resumed elsewhere');
    this.#socket = socket;
    this.#token = newToken();
    this.#send({
      type: 'welcome',
      v: PROTOCOL_VERSION,
      session: this.id,
      resumeToken: this.#token,
      resumeWithinMs: this.#options.resumeWithinMs,
      resumed,
      watches: [...this.#watches.keys()],
      serverTime: now(),
      heartbeatMs: this.#options.heartbeatMs,
      iceServers: this.#options.iceServers,
      rtpCapabilities: this.#options.sfu.rtpCapabilities as Extract<ServerMessage, { type: 'welcome' }>['rtpCapabilities'],
    });
    for (const stream of new Set([...this.#watches.values()].map((entry) => entry.stream))) this.#tellState(stream);
  }

  /** The socket has closed: video continues, and the session waits to be resumed. */
  detach(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#waiting = setTimeout(() => this.end(), this.#options.resumeWithinMs);
  }

  async handle(message: Exclude<ClientMessage, { type: 'hello' }>): Promise<void> {
    if (message.type === 'ping') return this.#send({ type: 'pong', sent: message.sent, serverTime: now() });
    try {
      await this.#request(message);
    } catch (error) {
      const { code, text } = describe(error);
      if (code === 'unavailable') this.#options.logger.warn({ err: error, session: this.id }, 'a request could not be served');
      this.#sendError(message.request, code, text);
    }
  }

  /** Ends all watches; idempotent. */
  end(code: number = CloseCode.shutdown): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#waiting);
    this.#stopListening();
    for (const { viewer } of [...this.#watches.values()]) viewer.close();
    this.#socket?.close(code);
    this.#options.onEnd();
  }

  async #request(message: Request): Promise<void> {
    const { request } = message;
    switch (message.type) {
      case 'watch':
        return this.#watch(message);
      case 'connect-transport':
        await this.#entry(message.watch).viewer.connect(message.dtlsParameters);
        return this.#send({ type: 'ok', request });
      case 'resume-consumer':
        await this.#entry(message.watch).viewer.resume();
        return this.#send({ type: 'ok', request });
      case 'pause-consumer':
        await this.#entry(message.watch).viewer.pause();
        return this.#send({ type: 'ok', request });
      case 'set-preferred-layers':
        await this.#entry(message.watch).viewer.setPreferredLayers(message.spatialLayer);
        return this.#send({ type: 'ok', request });
      case 'restart-ice': {
        const iceParameters = await this.#entry(message.watch).viewer.restartIce();
        return this.#send({ type: 'ice-restarted', request, watch: message.watch, iceParameters });
      }
      case 'listen':
        return this.#listen(message);
      case 'unlisten':
        this.#entry(message.watch).viewer.unlisten();
        return this.#send({ type: 'ok', request });
      case 'unwatch':
        this.#entry(message.watch).viewer.close();
        return this.#send({ type: 'ok', request });
    }
  }

  async #watch({ request, stream, variant, rtpCapabilities, packed = false }: Extract<ClientMessage, { type: 'watch' }>): Promise<void> {
    if (this.#watches.size + this.#opening >= MAX_WATCHES) throw new Refusal('too-many-watches', `A session watches ${MAX_WATCHES} streams at most.`);
    if (this.#options.streams.condition(stream) === undefined) throw new Refusal('stream-not-found', `There is no stream ${stream}.`);
    this.#options.streams.touch(stream);
    this.#opening += 1;
    try {
      const viewer = await this.#options.sfu.broadcast(stream).addViewer({ variant, rtpCapabilities: rtpCapabilities as RtpCapabilities, data: true, packed });
      if (this.#ended) return viewer.close();
      this.#admit(stream, viewer);
      this.#send(watching(request, stream, viewer));
    } finally {
      this.#opening -= 1;
    }
    this.#tellState(stream);
  }

  async #listen({ request, watch }: Extract<ClientMessage, { type: 'listen' }>): Promise<void> {
    const { stream, viewer } = this.#entry(watch);
    if (this.#options.streams.condition(stream)?.audio !== true) throw new Refusal('no-audio', 'The stream has no sound right now.');
    const { id, producerId, rtpParameters } = await this.#options.sfu.broadcast(stream).listen(viewer);
    const consumer = { id, producerId, kind: 'audio', rtpParameters: rtpParameters as Listening['consumer']['rtpParameters'] } as const;
    this.#send({ type: 'listening', request, watch, consumer });
  }

  #admit(stream: string, viewer: Viewer): void {
    const watch = viewer.id;
    this.#watches.set(watch, { stream, viewer });
    viewer.on('silent', () => this.#send({ type: 'silent', watch }));
    viewer.once('close', (reason) => {
      this.#watches.delete(watch);
      if (reason === 'gone') this.#send({ type: 'gone', watch, stream });
      else if (reason !== 'closed' && reason !== 'replaced') this.#send({ type: 'reset', watch, reason });
    });
  }

  #entry(watch: string): WatchEntry {
    const entry = this.#watches.get(watch);
    if (entry === undefined) throw new Refusal('watch-not-found', 'This session has no such watch; it may have ended.');
    return entry;
  }

  #tellState(stream: string): void {
    const condition = this.#options.streams.condition(stream);
    if (condition === undefined) return;
    const { state, problem, retryAt, audio = false, drawing } = condition;
    this.#send({ type: 'state', stream, state, audio, ...(problem === undefined ? {} : { problem }), ...(retryAt === undefined ? {} : { retryAt }), ...(drawing === undefined ? {} : { drawing }) });
  }

  #sendError(request: number | undefined, code: ErrorCode, message: string): void {
    this.#send({ type: 'error', ...(request === undefined ? {} : { request }), code, message });
  }

  #send(message: ServerMessage): void {
    if (this.#socket?.readyState === this.#socket?.OPEN) this.#socket?.send(JSON.stringify(message));
  }
}

function watching(request: number, stream: string, { id, variant, transport, consumer, dataConsumer }: Viewer): ServerMessage {
  type Watching = Extract<ServerMessage, { type: 'watching' }>;
  return {
    type: 'watching',
    request,
    watch: id,
    stream,
    variant,
    transport: {
      id: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
      sctpParameters: transport.sctpParameters!,
    } as Watching['transport'],
    consumer: {
      id: consumer.id,
      producerId: consumer.producerId,
      kind: 'video',
      rtpParameters: consumer.rtpParameters as Watching['consumer']['rtpParameters'],
    },
    dataConsumer: {
      id: dataConsumer!.id,
      dataProducerId: dataConsumer!.dataProducerId,
      label: ANNOTATIONS_LABEL,
      protocol: dataConsumer!.protocol,
      // mediasoup does not retransmit, but does not report it: it takes 0 retransmissions for unset.
      sctpStreamParameters: { streamId: dataConsumer!.sctpStreamParameters!.streamId, ordered: false, maxRetransmits: 0 },
    },
  };
}

function describe(error: unknown): { code: ErrorCode; text: string } {
  const code = error instanceof Refusal ? ErrorCode.safeParse(error.code === 'closed' ? 'stream-not-found' : error.code).data : undefined;
  return code === undefined ? { code: 'unavailable', text: 'The server can’t do this right now.' } : { code, text: (error as Refusal).message };
}

function newToken(): string {
  return randomBytes(24).toString('base64url');
}
