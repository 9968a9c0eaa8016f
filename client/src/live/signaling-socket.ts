import type { ClientMessage, ServerMessage } from '../../../src/signaling/protocol.ts';
import { Backoff } from './backoff.ts';
import { ClockOffset, now } from './clock-offset.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Question = Extract<ClientMessage, { request: number }>;
type Unnumbered<T> = T extends unknown ? Omit<T, 'request'> : never;
/** A request without its number, which is given when it is sent. */
export type Request = Unnumbered<Question>;

const VERSION = 1;
/** Milliseconds that the server has for an answer. */
const ANSWER_MS = 10_000;
/** Milliseconds that a new socket has until the welcome: a network that swallows packets must not hold up the next attempt. */
const WELCOME_MS = 6000;
/** Milliseconds that the server has to show that it lives, when there is a reason to doubt it. */
const PROOF_MS = 3000;
/** Exchanges at the start of a connection, for a good estimate of the clock at once. */
const FIRST_PINGS = 4;
/** Codes with which the server says that coming back makes no sense (docs/signaling.md). */
const FINAL_CODES = [4400, 4403];

export interface SocketEvents {
  /** The session is there: new, or the old one where `resumed`. */
  welcome(message: Welcome): void;
  message(message: ServerMessage): void;
  /** The socket is gone; `final` where it will not come back. */
  lost(final: boolean): void;
  /** The network or the page is back: whoever waits for another attempt should make it now. */
  hurry(): void;
}

/** A refusal by the server. */
export class RequestRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  resolve(message: ServerMessage): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The signalling connection: comes back by itself, with back-off, and resumes its session. */
export class SignalingSocket {
  readonly clock = new ClockOffset();
  readonly #url: string;
  readonly #events: SocketEvents;
  readonly #backoff = new Backoff();
  readonly #waiting = new Map<number, Waiting>();
  #socket: WebSocket | undefined;
  #resume: string | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
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
    clearTimeout(this.#retry);
    this.#forget();
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#deadline = setTimeout(() => this.#lose(0), WELCOME_MS);
    socket.onopen = () => this.#send({ type: 'hello', v: VERSION, ...(this.#resume === undefined ? {} : { resume: this.#resume }) });
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as ServerMessage);
    socket.onclose = ({ code }) => this.#lose(code);
  }

  #hear(message: ServerMessage): void {
    // Whatever it says, the server lives.
    clearTimeout(this.#deadline);
    if (message.type === 'welcome') return this.#welcome(message);
    if (message.type === 'pong') return this.clock.add(message.sent, message.serverTime, now());
    const waiting = 'request' in message && message.request !== undefined ? this.#waiting.get(message.request) : undefined;
    if (waiting === undefined || !('request' in message)) return this.#events.message(message);
    this.#waiting.delete(message.request!);
    clearTimeout(waiting.timer);
    if (message.type === 'error') waiting.reject(new RequestRefused(message.code, message.message));
    else waiting.resolve(message);
  }

  #welcome(message: Welcome): void {
    this.#backoff.reset();
    this.#resume = message.resumeToken;
    for (let i = 0; i < FIRST_PINGS; i++) setTimeout(() => this.#ping(), i * 150);
    // The answer is due well before the next question, which would put it off.
    this.#heartbeat = setInterval(() => this.#doubt(message.heartbeatMs / 2), message.heartbeatMs);
    this.#events.welcome(message);
  }

  /** Asks for a sign of life; without one within this time, the socket is lost, whatever it believes itself. */
  #doubt(patience: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lose(0), patience);
    this.#ping();
  }

  #ping(): void {
    this.#send({ type: 'ping', sent: now() });
  }

  #send(message: ClientMessage): void {
    if (this.open) this.#socket?.send(JSON.stringify(message));
  }

  /** @param code of the WebSocket's end; 0 where it was given up here */
  #lose(code: number): void {
    this.#forget();
    const final = FINAL_CODES.includes(code);
    if (!final) this.#retry = setTimeout(() => this.#connect(), this.#backoff.next());
    this.#events.lost(final);
  }

  /** Lets go of the socket without waiting for its closing handshake, which a dead network never ends. */
  #forget(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#deadline);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error('The connection to the server was lost.'));
    }
    this.#waiting.clear();
  }

  readonly #wake = (): void => {
    if (document.visibilityState !== 'visible') return;
    if (this.open) this.#doubt(PROOF_MS);
    else if (this.#socket === undefined && !this.#closed) {
      clearTimeout(this.#retry);
      this.#connect();
    }
    this.#events.hurry();
  };
}
