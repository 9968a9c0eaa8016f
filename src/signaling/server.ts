import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Sfu } from '../sfu/sfu.ts';
import type { LiveStreams } from './live-streams.ts';
import { ClientMessage, CloseCode, PROTOCOL_VERSION, SIGNALING_PATH, type ErrorCode, type ServerMessage } from './protocol.ts';
import { Session, type SessionOptions } from './session.ts';

/** Largest message, in bytes; the capabilities of a page are some 20 KB. */
const MAX_PAYLOAD = 256 * 1024;
/** Invalid messages in a row after which the socket is closed. */
const MAX_MISTAKES = 3;
/** Unanswered heartbeats in a row after which the socket is closed. */
const MAX_SILENCE = 2;

export interface SignalingOptions {
  /** Its upgrades to the signalling path are handled. */
  readonly server: Server;
  readonly sfu: Sfu;
  readonly streams: LiveStreams;
  readonly iceServers: SessionOptions['iceServers'];
  /** Returns why a request may not connect; undefined if it may. */
  readonly refuse: (request: IncomingMessage) => Error | undefined;
  /** Handles upgrades to other paths; returns false for an unknown path. */
  readonly elsewhere?: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  readonly logger: Logger;
  readonly heartbeatMs?: number;
  readonly resumeWithinMs?: number;
}

/** The WebSocket side of signalling. Sessions outlive their sockets. */
export class SignalingServer {
  readonly #options: SignalingOptions;
  readonly #heartbeatMs: number;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD });
  readonly #sessions = new Set<Session>();
  /** Heartbeats since the last message or pong on a socket. */
  readonly #silence = new WeakMap<WebSocket, number>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => this.#upgrade(request, socket, head);

  constructor(options: SignalingOptions) {
    this.#options = options;
    this.#heartbeatMs = options.heartbeatMs ?? 10_000;
    options.server.on('upgrade', this.#onUpgrade);
    this.#sockets.on('connection', (socket) => this.#connect(socket));
    this.#heartbeat = setInterval(() => this.#beat(), this.#heartbeatMs);
  }

  /** Number of sessions, with or without a socket. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Ends all sessions; idempotent. */
  close(): void {
    clearInterval(this.#heartbeat);
    this.#options.server.off('upgrade', this.#onUpgrade);
    for (const session of [...this.#sessions]) session.end();
    for (const socket of this.#sockets.clients) socket.close(CloseCode.shutdown);
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0];
    if (path !== SIGNALING_PATH) {
      if (this.#options.elsewhere?.(request, socket, head) === true) return;
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const refusal = this.#options.refuse(request);
    this.#sockets.handleUpgrade(request, socket, head, (ready) => {
      if (refusal === undefined) return void this.#sockets.emit('connection', ready, request);
      // A page can't see why an upgrade was refused, but it can see why a socket was closed.
      ready.on('error', () => undefined);
      refuse(ready, 'forbidden', refusal.message);
      ready.close(CloseCode.forbidden);
    });
  }

  #connect(socket: WebSocket): void {
    let session: Session | undefined;
    let mistakes = 0;
    const heard = (): unknown => this.#silence.set(socket, 0);
    socket.on('pong', heard);
    socket.on('error', (error) => this.#options.logger.debug({ err: error }, 'a signalling socket broke'));
    socket.on('close', () => session?.detach(socket));
    socket.on('message', (data) => {
      heard();
      const message = parse(data);
      if (typeof message === 'string') {
        refuse(socket, 'bad-message', message);
        if (session === undefined || ++mistakes >= MAX_MISTAKES) socket.close(CloseCode.protocol);
        return;
      }
      mistakes = 0;
      if (message.type !== 'hello') {
        if (session === undefined) {
          refuse(socket, 'out-of-order', 'The first message is hello.');
          return socket.close(CloseCode.protocol);
        }
        void session.handle(message);
        return;
      }
      if (session !== undefined) return refuse(socket, 'out-of-order', 'hello comes once on a socket.');
      if (message.v !== PROTOCOL_VERSION) {
        refuse(socket, 'unsupported-version', `This server speaks version ${PROTOCOL_VERSION}, not ${message.v}.`);
        return socket.close(CloseCode.protocol);
      }
      const resumed = message.resume === undefined ? undefined : [...this.#sessions].find((one) => one.owns(message.resume!));
      session = resumed ?? this.#newSession();
      session.attach(socket, resumed !== undefined);
    });
  }

  #newSession(): Session {
    const { sfu, streams, iceServers, logger, resumeWithinMs = 30_000 } = this.#options;
    const session: Session = new Session({
      sfu,
      streams,
      iceServers,
      logger,
      heartbeatMs: this.#heartbeatMs,
      resumeWithinMs,
      onEnd: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    return session;
  }

  /** Closes sockets that were silent for two heartbeats. */
  #beat(): void {
    for (const socket of this.#sockets.clients) {
      const silence = this.#silence.get(socket) ?? 0;
      if (silence >= MAX_SILENCE) {
        socket.close(CloseCode.heartbeat);
        socket.terminate();
        continue;
      }
      this.#silence.set(socket, silence + 1);
      socket.ping();
    }
  }
}

/** Parses a message. @returns what is wrong with it, as text, if it is invalid */
function parse(data: RawData): ClientMessage | string {
  let raw: unknown;
  try {
    raw = JSON.parse(String(data));
  } catch {
    return 'A message is one JSON object.';
  }
  const parsed = ClientMessage.safeParse(raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not a message of this protocol'}`;
}

function refuse(socket: WebSocket, code: ErrorCode, message: string): void {
  socket.send(JSON.stringify({ type: 'error', code, message } satisfies ServerMessage));
}
