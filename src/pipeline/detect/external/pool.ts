import { RateMeter, SpanMeter } from '../../../util/meter.ts';
import type { PoolState } from './frame-protocol.ts';
import type { Detected, Job, PoolProblem, StreamPort } from './ports.ts';
import { Seat } from './seat.ts';
import type { SeenObject } from './wire.ts';
import type { OfferedFrame, Worker } from './worker.ts';

/** Milliseconds after which a stream that was asked for a frame is taken to have none now, so that others are asked too. */
const STALE_MS = 200;

/** What a pool did in the last second. */
export interface PoolStats {
  readonly state: PoolState;
  readonly workers: number;
  /** Results. */
  readonly fps: number;
  /** Milliseconds from handing a frame to a worker to its answer, median of the last ones. */
  readonly roundTripMs: number;
  /** Frames without a result, since the pool exists. */
  readonly lost: number;
  readonly error?: PoolProblem;
}

/** A stream that was asked for a frame. */
interface Ask {
  readonly seat: Seat;
  readonly port: StreamPort;
  stale: boolean;
}

/**
 * The workers of one external detector, and the streams that it looks at. A worker that is free asks one stream for its next frame:
 * the one that was asked longest ago, so that no stream starves. One that has no frame just then keeps its turn while others are asked.
 */
export class Pool {
  readonly #seats = new Map<Worker, Seat>();
  /** When each stream was asked last, in turns. */
  readonly #ports = new Map<StreamPort, number>();
  readonly #asks = new Map<number, Ask>();
  readonly #rate = new RateMeter();
  readonly #spans = new SpanMeter(60);
  #turns = 0;
  #lastId = 0;
  #lost = 0;
  #problem: PoolProblem | undefined;

  get workers(): number {
    return this.#seats.size;
  }

  /** Nobody needs it. */
  get empty(): boolean {
    return this.#seats.size === 0 && this.#ports.size === 0;
  }

  get streams(): number {
    return this.#ports.size;
  }

  stats(): PoolStats {
    return {
      state: this.#state,
      workers: this.workers,
      fps: this.#rate.rate(performance.now()),
      roundTripMs: this.#spans.percentiles().p50,
      lost: this.#lost,
      ...(this.#problem === undefined ? {} : { error: this.#problem }),
    };
  }

  attach(port: StreamPort): void {
    this.#ports.set(port, 0);
    port.state(this.#state, this.workers, this.#problem);
    this.#askAll();
  }

  /** Its frames that wait are forgotten, and no answer goes to it any more. Idempotent. */
  detach(port: StreamPort): void {
    if (!this.#ports.delete(port)) return;
    for (const [id, ask] of this.#asks) if (ask.port === port) this.#asks.delete(id);
    for (const seat of this.#seats.values()) seat.forget(port);
    this.#askAll();
  }

  join(worker: Worker): void {
    this.#seats.set(worker, new Seat(worker, { settled: () => this.#askAll(), done: (...job) => this.#done(...job), failed: (...job) => this.#failed(...job) }));
    this.#tell();
    this.#askAll();
  }

  /** The frames that it has are its own to give up. Idempotent. */
  leave(worker: Worker): void {
    const seat = this.#seats.get(worker);
    if (seat === undefined) return;
    this.#seats.delete(worker);
    for (const [id, ask] of this.#asks) {
      if (ask.seat !== seat) continue;
      this.#asks.delete(id);
      ask.port.unwant(id);
    }
    for (const job of seat.close()) this.#failed(job, 'The worker is gone');
    this.#tell();
  }

  /** What hinders the endpoint; undefined: nothing any more. */
  trouble(problem: PoolProblem | undefined): void {
    if (problem?.code === this.#problem?.code && problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.#tell();
  }

  /** Takes the frame that a stream was asked for. */
  frame(port: StreamPort, id: number, frame: OfferedFrame): void {
    const ask = this.#asks.get(id);
    if (ask?.port !== port) return port.lost(id, 'The worker is gone');
    this.#asks.delete(id);
    ask.seat.take({ port, id, frame });
  }

  get #state(): PoolState {
    if (this.#problem !== undefined) return 'failed';
    return this.workers === 0 ? 'waiting' : 'ready';
  }

  #tell(): void {
    for (const port of this.#ports.keys()) port.state(this.#state, this.workers, this.#problem);
  }

  #askAll(): void {
    for (const seat of this.#seats.values()) this.#ask(seat);
  }

  #ask(seat: Seat): void {
    for (;;) {
      const asks = [...this.#asks.values()].filter((ask) => ask.seat === seat);
      if (asks.filter(({ stale }) => !stale).length >= seat.room) return;
      const port = this.#next(asks.filter(({ stale }) => stale).map(({ port: asked }) => asked));
      if (port === undefined || !seat.due(() => this.#ask(seat))) return;
      const ask: Ask = { seat, port, stale: false };
      const id = (this.#lastId += 1);
      this.#asks.set(id, ask);
      this.#ports.set(port, (this.#turns += 1));
      port.want(id, seat.worker.choice);
      setTimeout(() => {
        ask.stale = true;
        if (this.#asks.has(id)) this.#ask(seat);
      }, STALE_MS);
    }
  }

  /** The stream whose turn it is. */
  #next(except: readonly StreamPort[]): StreamPort | undefined {
    const candidates = [...this.#ports].filter(([port]) => !except.includes(port));
    return candidates.sort(([, a], [, b]) => a - b)[0]?.[0];
  }

  #done({ port, id }: Job, seen: readonly SeenObject[], workMs: number): void {
    this.#rate.mark(performance.now());
    this.#spans.add(workMs);
    if (this.#ports.has(port)) port.result(id, seen.flatMap(clipped), workMs);
  }

  #failed({ port, id }: Job, reason: string): void {
    this.#lost += 1;
    if (this.#ports.has(port)) port.lost(id, reason);
  }
}

/** What is inside of the picture; nothing where it lies outside. */
function clipped({ label, score, box: [x, y, width, height] }: SeenObject): Detected[] {
  const [left, top] = [bounded(x), bounded(y)];
  const [w, h] = [bounded(x + width) - left, bounded(y + height) - top];
  return w > 0 && h > 0 ? [{ label, score, box: [left, top, w, h] }] : [];
}

function bounded(value: number): number {
  return Math.min(1, Math.max(0, value));
}
