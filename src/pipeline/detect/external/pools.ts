import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Endpoint } from './endpoint.ts';
import { HttpWorker } from './http-worker.ts';
import { Pool, type PoolStats } from './pool.ts';
import type { StreamPort } from './ports.ts';
import { SocketWorker } from './socket-worker.ts';
import { CloseCode, LIMITS } from './wire.ts';

/** A pool, and what it belongs to. */
interface Kept {
  readonly detector: string;
  readonly pool: Pool;
  /** Of a detector that is asked by HTTP. */
  readonly http?: HttpWorker;
  /** Of a detector that workers connect to, those that have not said yet what they want included. */
  readonly sockets: Set<SocketWorker>;
}

/** All external detectors that streams or workers are there for. */
export class Pools {
  readonly #kept = new Map<string, Kept>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The pool of a detector; made with the first stream or worker, kept until the last is gone. */
  use(detector: string, endpoint: Endpoint, port: StreamPort): Pool {
    const kept = this.#keep(detector, endpoint);
    kept.pool.attach(port);
    return kept.pool;
  }

  release(pool: Pool, port: StreamPort): void {
    pool.detach(port);
    this.#tidy();
  }

  /** A worker has connected. */
  connect(detector: string, socket: WebSocket): void {
    const { pool, sockets } = this.#keep(detector, { kind: 'worker' });
    if (sockets.size >= LIMITS.workers) {
      socket.on('error', () => undefined);
      return socket.close(CloseCode.full, `There are ${LIMITS.workers} workers of this name already`);
    }
    const worker = new SocketWorker(socket, detector, this.#logger);
    sockets.add(worker);
    worker.once('ready', () => {
      this.#logger.info({ detector, ...worker.choice, credits: worker.credits }, 'a worker is ready');
      pool.join(worker);
    });
    worker.once('close', () => {
      sockets.delete(worker);
      pool.leave(worker);
      this.#tidy();
    });
  }

  /** Workers of detectors that are not among these are sent away. */
  retain(detectors: readonly string[]): void {
    for (const { detector, sockets } of this.#kept.values()) {
      if (detectors.includes(detector)) continue;
      for (const worker of sockets) worker.close(CloseCode.gone, `There is no detector “${detector}” any more`);
    }
  }

  /** Looks for workers that are there no more. */
  beat(): void {
    for (const { sockets } of this.#kept.values()) for (const worker of sockets) worker.beat();
  }

  stats(): (PoolStats & { readonly detector: string })[] {
    return [...this.#kept.values()].map(({ detector, pool }) => ({ detector, ...pool.stats() }));
  }

  /** Sends all workers away. */
  close(): void {
    for (const { sockets, http } of this.#kept.values()) {
      http?.close();
      for (const worker of sockets) worker.close(CloseCode.shutdown, 'The server ends');
    }
  }

  #keep(detector: string, endpoint: Endpoint): Kept {
    const key = JSON.stringify([detector, endpoint]);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const pool = new Pool();
    const kept: Kept = { detector, pool, sockets: new Set(), ...(endpoint.kind === 'http' ? { http: new HttpWorker(endpoint, pool, this.#logger) } : {}) };
    this.#kept.set(key, kept);
    return kept;
  }

  #tidy(): void {
    for (const [key, { pool, http, sockets }] of this.#kept) {
      if (pool.streams > 0 || sockets.size > 0) continue;
      http?.close();
      this.#kept.delete(key);
    }
  }
}
