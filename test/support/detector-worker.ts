import { EventEmitter, on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { FrameHeader, ServerMessage, SUBPROTOCOL } from '../../src/pipeline/detect/external/wire.ts';
import type { LiveServer } from './live-server.ts';

/** Milliseconds until what is waited for has to come, on a machine that does other things too. */
const LIMIT_MS = 60_000;

/** A frame as a worker gets it. */
export interface WorkerFrame extends FrameHeader {
  readonly picture: Buffer;
}

interface WorkerEvents {
  frame: [WorkerFrame];
  said: [ServerMessage];
  closed: [{ code: number; reason: string }];
}

/** How a worker's request differs from a right one. */
export interface WorkerInit {
  readonly name?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** A worker of an external detector, as hostile as a test needs it: it sends what it is told, and keeps to nothing by itself. */
export class DetectorWorker extends EventEmitter<WorkerEvents> implements Disposable {
  readonly socket: WebSocket;
  readonly frames: WorkerFrame[] = [];
  /** What the server said, frames aside. */
  readonly heard: ServerMessage[] = [];
  end: { code: number; reason: string } | undefined;
  /** How many of the frames were read by {@link frame}. */
  #read = 0;

  private constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.end = { code, reason: String(reason) };
      this.emit('closed', this.end);
    });
    socket.on('message', (data: Buffer, binary) => {
      if (!binary) {
        const message = ServerMessage.parse(JSON.parse(String(data)));
        this.heard.push(message);
        return this.emit('said', message);
      }
      const length = data.readUInt32LE();
      const header = FrameHeader.parse(JSON.parse(String(data.subarray(4, 4 + length))));
      const frame = { ...header, picture: data.subarray(4 + length) };
      this.frames.push(frame);
      return this.emit('frame', frame);
    });
  }

  /** Connects and, unless its wishes are null, says hello. @throws Error with the status where the server says no */
  static async connect(server: LiveServer, wishes: object | null = {}, init: WorkerInit = {}): Promise<DetectorWorker> {
    const { name = 'mine', protocols = [SUBPROTOCOL], headers = server.headers } = init;
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/detectors/${name}`, [...protocols], { headers });
    const worker = new DetectorWorker(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.once('end', () => reject(new Error(`${response.statusCode} ${body}`)));
      });
    });
    if (wishes === null) return worker;
    worker.say({ type: 'hello', ...wishes });
    await worker.heardOf('welcome');
    return worker;
  }

  /** Connects as soon as the server takes workers. */
  static async insist(server: LiveServer, wishes: object): Promise<DetectorWorker> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      try {
        return await DetectorWorker.connect(server, wishes);
      } catch (error) {
        if (limit.aborted) throw error;
        await sleep(50);
      }
    }
  }

  /** A worker that works, and comes back whenever its connection ends, as workers should. */
  static keepAtWork(server: LiveServer, wishes: object): Disposable {
    let worker: DetectorWorker | undefined;
    let over = false;
    const run = async (): Promise<void> => {
      while (!over) {
        worker = await DetectorWorker.insist(server, wishes);
        worker.work();
        if (over) worker[Symbol.dispose]();
        else if (worker.end === undefined) await once(worker, 'closed');
      }
    };
    // Where the server takes no workers any more, whoever waits for results fails.
    run().catch(() => undefined);
    return {
      [Symbol.dispose]: () => {
        over = true;
        worker?.[Symbol.dispose]();
      },
    };
  }

  /** @param message an object, or a text as it is */
  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  answer({ stream, seq }: Pick<WorkerFrame, 'stream' | 'seq'>, detections: unknown = []): void {
    this.say({ type: 'result', stream, seq, detections });
  }

  /** Answers each frame with a box that spells its number; see `coded`. */
  work(): void {
    const look = (frame: WorkerFrame): void => this.answer(frame, [coded(frame.seq)]);
    this.frames.forEach(look);
    this.on('frame', look);
  }

  /** The next frame, those that came already included once. */
  async frame(): Promise<WorkerFrame> {
    const index = this.#read;
    this.#read += 1;
    while (this.frames.length <= index) await once(this, 'frame', { signal: AbortSignal.timeout(LIMIT_MS) });
    return this.frames[index]!;
  }

  /** The next message of this type, those heard already included once. */
  async heardOf<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const take = (): Extract<ServerMessage, { type: T }> | undefined => {
      const index = this.heard.findIndex((message) => message.type === type);
      return index < 0 ? undefined : (this.heard.splice(index, 1)[0] as Extract<ServerMessage, { type: T }>);
    };
    const found = take();
    if (found !== undefined) return found;
    for await (const _said of on(this, 'said', { signal: AbortSignal.timeout(LIMIT_MS) })) {
      const message = take();
      if (message !== undefined) return message;
    }
    throw new Error('unreachable');
  }

  async closed(): Promise<{ code: number; reason: string }> {
    if (this.end !== undefined) return this.end;
    const [end] = (await once(this, 'closed', { signal: AbortSignal.timeout(LIMIT_MS) })) as [{ code: number; reason: string }];
    return end;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

const STEPS = 1000;

/** A detection whose place is a number, modulo a thousand. */
export function coded(seq: number): { label: string; score: number; box: [number, number, number, number] } {
  return { label: 'number', score: 0.9, box: [(seq % STEPS) / STEPS, 0.25, 1 / STEPS, 0.5] };
}

/** The number of a detection of {@link coded}. */
export function numberOf({ box: [x] }: { readonly box: readonly [number, number, number, number] }): number {
  return Math.round(x * STEPS) % STEPS;
}
