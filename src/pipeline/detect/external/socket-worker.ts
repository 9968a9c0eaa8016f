import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { inFormat } from './picture-format.ts';
import { CloseCode, encodeFrame, LIMITS, WorkerMessage, type FrameChoice, type Hello, type SeenObject, type ServerMessage, type WrongField } from './wire.ts';
import type { OfferedFrame, Worker } from './worker.ts';
import { sentence, wrongFields } from './wrong-fields.ts';

interface InFlight {
  readonly stream: string;
  readonly seq: number;
  readonly done: (seen: SeenObject[]) => void;
  readonly failed: (reason: Error) => void;
  readonly timer: NodeJS.Timeout;
}

type ErrorCode = Extract<ServerMessage, { type: 'error' }>['code'];

/**
 * A worker behind a WebSocket: `greeting` → `ready` → `closed`. What it says is not trusted; what is wrong is answered, and only what
 * goes on being wrong ends the connection.
 *
 * Emits `ready` once it has said what it wants, and `close` once, when it is gone.
 */
export class SocketWorker extends EventEmitter<{ ready: []; close: [] }> implements Worker {
  readonly #socket: WebSocket;
  readonly #detector: string;
  readonly #logger: Logger;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #greeting: NodeJS.Timeout;
  #hello: Hello | undefined;
  #mistakes = 0;
  /** Heartbeats since something was heard. */
  #silence = 0;
  #closed = false;

  constructor(socket: WebSocket, detector: string, logger: Logger) {
    super();
    this.#socket = socket;
    this.#detector = detector;
    this.#logger = logger;
    this.#greeting = setTimeout(() => this.close(CloseCode.protocol, `The first message is hello, within ${LIMITS.helloMs / 1000} s`), LIMITS.helloMs);
    socket.on('message', (data, binary) => this.#receive(data, binary));
    socket.on('pong', () => (this.#silence = 0));
    socket.on('error', (error) => logger.info({ err: error, detector }, 'a worker’s connection broke'));
    socket.once('close', (code, reason) => this.#gone(code, String(reason)));
  }

  get choice(): FrameChoice {
    return this.#wishes;
  }

  get credits(): number {
    return this.#wishes.credits;
  }

  get fps(): number | undefined {
    return this.#wishes.fps;
  }

  async look(frame: OfferedFrame): Promise<SeenObject[]> {
    const { picture: _picture, ...id } = frame;
    const { format } = this.#wishes;
    const picture = await inFormat(frame, this.#wishes);
    if (this.#closed) throw new Error('The worker is gone');
    return new Promise((done, failed) => {
      const timer = setTimeout(() => {
        this.close(CloseCode.timeout, `Frame ${frame.seq} of “${frame.stream}” was not answered within ${LIMITS.frameMs / 1000} s`);
      }, LIMITS.frameMs);
      this.#inFlight.set(key(frame), { stream: frame.stream, seq: frame.seq, done, failed, timer });
      this.#socket.send(encodeFrame({ type: 'frame', ...id, format }, picture));
    });
  }

  /** Asks for a sign of life; a socket that gave none for two beats is given up. */
  beat(): void {
    if (this.#silence >= 2) return this.close(CloseCode.timeout, 'Nothing was heard');
    this.#silence += 1;
    this.#socket.ping();
  }

  /** Gives up its frames at once. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#closed) return;
    // A reason has 123 bytes at most (RFC 6455 §5.5).
    this.#socket.close(code, Buffer.from(reason).subarray(0, 120).toString().replace(/\ufffd+$/, ''));
    // One that does not answer a close is not waited for.
    setTimeout(() => this.#socket.terminate(), 1000).unref();
    this.#gone(code, reason);
  }

  get #wishes(): Hello {
    if (this.#hello === undefined) throw new Error('The worker has not said what it wants');
    return this.#hello;
  }

  #receive(data: RawData, binary: boolean): void {
    if (this.#closed) return;
    this.#silence = 0;
    const parsed = binary ? wrong('no-json', 'Workers send texts, not binary messages.') : parse(data);
    if ('code' in parsed) return this.#mistake(parsed);
    if (parsed.type === 'hello') return this.#greet(parsed);
    if (this.#hello === undefined) return this.#mistake(wrong('out-of-order', 'The first message is hello.'));
    const frame = this.#inFlight.get(key(parsed));
    if (frame === undefined) return this.#mistake(this.#unknown(parsed));
    this.#mistakes = 0;
    this.#settle(frame);
    if (parsed.type === 'result') frame.done(parsed.detections);
    else frame.failed(new Error(parsed.message ?? 'The worker has no result'));
  }

  #greet(hello: Hello): void {
    if (this.#hello !== undefined) return this.#mistake(wrong('out-of-order', 'hello comes once on a connection.'));
    clearTimeout(this.#greeting);
    this.#hello = hello;
    const { messageBytes, detections, labelLength, frameMs } = LIMITS;
    const { format, credits } = hello;
    this.#send({ type: 'welcome', detector: this.#detector, format, credits, limits: { messageBytes, detections, labelLength, frameMs } });
    this.emit('ready');
  }

  /** It stands for the answer to the oldest frame that the worker has: without that, a worker that errs would get no frame any more. */
  #mistake(error: Extract<ServerMessage, { type: 'error' }>): void {
    this.#send(error);
    this.#mistakes += 1;
    if (this.#hello === undefined || this.#mistakes >= LIMITS.mistakes) return this.close(CloseCode.protocol, error.message);
    const [oldest] = this.#inFlight.values();
    if (oldest === undefined) return;
    this.#settle(oldest);
    oldest.failed(new Error(`The worker’s answer is not usable: ${error.message}`));
  }

  #unknown({ stream, seq }: { stream: string; seq: number }): Extract<ServerMessage, { type: 'error' }> {
    const known = [...this.#inFlight.values()];
    const path = known.some((frame) => frame.stream === stream) ? 'seq' : 'stream';
    const list = known.map((frame) => `${frame.seq} of “${frame.stream}”`).join(', ');
    const message = `You have no frame ${seq} of this stream.${list === '' ? ' You have none at all.' : ` You have ${list}.`}`;
    return { type: 'error', code: 'unknown-frame', message: `${path}: ${message}`, errors: [{ path, message }] };
  }

  #settle(frame: InFlight): void {
    clearTimeout(frame.timer);
    this.#inFlight.delete(key(frame));
  }

  #gone(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#greeting);
    this.#logger.info({ detector: this.#detector, code, reason }, 'a worker is gone');
    this.emit('close');
    for (const frame of this.#inFlight.values()) {
      clearTimeout(frame.timer);
      frame.failed(new Error('The worker is gone'));
    }
    this.#inFlight.clear();
  }

  #send(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message));
  }
}

function key({ stream, seq }: { readonly stream: string; readonly seq: number }): string {
  return `${seq} ${stream}`;
}

/** The message, or what is wrong with it. */
function parse(data: RawData): WorkerMessage | Extract<ServerMessage, { type: 'error' }> {
  let raw: unknown;
  try {
    raw = JSON.parse(String(data));
  } catch (error) {
    return wrong('no-json', `A message is one JSON object (which has no NaN and no Infinity). ${error instanceof Error ? error.message : ''}`.trim().slice(0, 300));
  }
  const parsed = WorkerMessage.safeParse(raw);
  if (parsed.success) return parsed.data;
  const errors = wrongFields(parsed.error);
  return wrong('invalid', sentence(errors), errors);
}

function wrong(code: ErrorCode, message: string, errors: readonly WrongField[] = []): Extract<ServerMessage, { type: 'error' }> {
  return { type: 'error', code, message, errors: [...errors] };
}
