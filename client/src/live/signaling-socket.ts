import type { ClientMessage, ServerMessage } from '../../../src/signaling/protocol.ts';
import { Backoff } from './backoff.ts';
import { ClockOffset, now } from './clock-offset.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Question = Extract<ClientMessage, { request: number }>;
type Unnumbered<T> = T extends unknown ? Omit<T, 'request'> : never;
/** A request without its number, which is given when it is sent. */
export type Request = Unnumbered<Question>;

/** Milliseconds that the server has for an answer. */
const ANSWER_MS = 10_000;
/** Exchanges at the start of a connection, for a good estimate of the clock at once. */
const FIRST_PINGS = 4;
/** Codes with which the server says that coming back makes no sense. */
const FINAL_CODES = [4400, 4403];
const VERSION = 1;

export interface SocketEvents {
  /** The session is there: new, or the old one where `resumed`. */
  welcome(message: Welcome): void;
  message(message: ServerMessage): void;
  /** The socket is gone; `final` where it will not come back. */
  lost(final: boolean): void;
}

/** A refusal by the server. */
export class RequestRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The signalling connection: comes back by itself, with back-off, and resumes its session. */
export class SignalingSocket {
  readonly clock = new ClockOffset();
  readonly #url: string;
  readonly #events: SocketEvents;
  readonly #backoff = new Backoff();
  readonly #waiting = new Map<number, { resolve: (message: ServerMessage) => void; reject: (error: Error) => void; timer: ReturnType<typeof setTimeout> }>();
  readonly #wake = (): void => {
    if (document.visibilityState === 'visible') this.#hurry();
  };
  #socket: WebSocket | undefined;
  #resume: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #heard = 0;
  #requests = 0;
  #closed = false;

  constructor(url: string, events: SocketEvents) {
    this.#url = url;
    this.#events = events;
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
    this.#connect();
  }

  /** Whether requests can be made. */
  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** @throws RequestRefused by the server; Error where there is no answer */
  ask(message: Request): Promise<ServerMessage> {
    const request = ++this.#requests;
    return new Promise((resolve, reject) => {
      if (!this.open) return reject(new Error('There is no connection to the server.'));
      const timer = setTimeout(() => {
        this.#waiting.delete(request);
        reject(new Error('The server did not answer.'));
      }, ANSWER_MS);
      this.#waiting.set(request, { resolve, reject, timer });
      this.#send({ ...message, request } as Question);
    });
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
    clearTimeout(this.#timer);
    clearInterval(this.#heartbeat);
    this.#socket?.close();
    this.#failAll('The connection was closed.');
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#send({ type: 'hello', v: VERSION, ...(this.#resume === undefined ? {} : { resume: this.#resume }) });
    socket.onmessage = ({ data }) => {
      this.#heard = now();
      this.#hear(JSON.parse(String(data)) as ServerMessage);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket || this.#closed) return;
      this.#socket = undefined;
      clearInterval(this.#heartbeat);
      this.#failAll('The connection to the server was lost.');
      const final = FINAL_CODES.includes(code);
      this.#events.lost(final);
      if (!final) this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
    };
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'welcome') {
      this.#backoff.reset();
      this.#resume = message.resumeToken;
      clearInterval(this.#heartbeat);
      for (let i = 0; i < FIRST_PINGS; i++) setTimeout(() => this.#ping(), i * 150);
      this.#heartbeat = setInterval(() => {
        // A server that has said nothing for two heartbeats is gone, whatever the socket believes.
        if (now() - this.#heard > message.heartbeatMs * 2.5) this.#socket?.close();
        else this.#ping();
      }, message.heartbeatMs);
      this.#events.welcome(message);
      return;
    }
    if (message.type === 'pong') return this.clock.add(message.sent, message.serverTime, now());
    const waiting = 'request' in message && message.request !== undefined ? this.#waiting.get(message.request) : undefined;
    if (waiting === undefined || !('request' in message)) return this.#events.message(message);
    this.#waiting.delete(message.request!);
    clearTimeout(waiting.timer);
    if (message.type === 'error') waiting.reject(new RequestRefused(message.code, message.message));
    else waiting.resolve(message);
  }

  #ping(): void {
    this.#send({ type: 'ping', sent: now() });
  }

  #send(message: ClientMessage): void {
    if (this.open) this.#socket?.send(JSON.stringify(message));
  }

  #hurry(): void {
    if (this.#socket !== undefined || this.#closed) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #failAll(reason: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#waiting.clear();
  }
}
