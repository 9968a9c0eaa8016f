import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { ExternalEvent, type ExternalCommand, type ExternalOptions, type ExternalStats } from '../pipeline/detect/external/external-events.ts';
import { KeptProcess } from '../processes/kept-process.ts';
import { SocketFolder } from '../processes/socket-folder.ts';
import type { ProcessTiming } from '../processes/timing.ts';

/** The program that gives frames to algorithms outside of this server. */
export const EXTERNAL_PROCESS = fileURLToPath(new URL('../pipeline/detect/external/external-process.ts', import.meta.url));

/**
 * - `idle`: nothing has needed it yet
 * - `starting`: its first process has not said that it is ready
 * - `ready`: it takes workers and frames
 * - `restarting`: a process ended by itself, the next one is due or starting
 * - `closed`
 */
export type ExternalHostState = 'idle' | 'starting' | 'ready' | 'restarting' | 'closed';

/** What an {@link ExternalHost} is made from. */
export interface ExternalHostInit {
  readonly logger: Logger;
  /** Main module of the process; left out, the real one. */
  readonly entry?: string | undefined;
  readonly timing?: Partial<ProcessTiming> | undefined;
}

/**
 * Keeps one process of external detectors running, from when the first one is needed. Streams reach it through {@link socketPath},
 * workers are handed over to it with their connection, so that nothing of a frame passes the control process.
 */
export class ExternalHost extends EventEmitter<{ state: [ExternalHostState] }> {
  /** Path of the unix socket that the process listens on, in a folder that only this user can enter. */
  readonly socketPath: string;
  readonly #folder = new SocketFolder();
  readonly #init: ExternalHostInit;
  readonly #logger: Logger;
  #process: KeptProcess | undefined;
  #state: ExternalHostState = 'idle';
  #stats = new Map<string, ExternalStats>();
  /** Connections that the process has not said to have; closed here when it has, or has ended. */
  readonly #leaving = new Map<number, Socket>();
  #handedOver = 0;

  constructor(init: ExternalHostInit) {
    super();
    this.#init = init;
    this.#logger = init.logger.child({ component: 'external' });
    this.socketPath = this.#folder.socket;
  }

  get state(): ExternalHostState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get restarts(): number {
    return this.#process?.restarts ?? 0;
  }

  /** What a detector did in the last second; undefined where neither a stream nor a worker is there for it. */
  stats(detector: string): ExternalStats | undefined {
    return this.#stats.get(detector);
  }

  /** All of them. */
  get detectors(): readonly ExternalStats[] {
    return [...this.#stats.values()];
  }

  /** Something needs it: starts the process. Idempotent. */
  start(): void {
    if (this.#state !== 'idle') return;
    const { entry = EXTERNAL_PROCESS, timing } = this.#init;
    this.#enter('starting');
    this.#process = new KeptProcess({
      title: 'the process of external detectors',
      entry,
      args: [JSON.stringify({ socket: this.socketPath } satisfies ExternalOptions)],
      logger: this.#logger,
      timing,
      prepare: () => this.#folder.clear(),
      receive: (message) => this.#receive(message),
      ended: () => {
        this.#stats.clear();
        this.#dropLeaving();
        this.#enter('restarting');
      },
    });
  }

  /** Hands a connection that asks for a WebSocket to the process, which answers it. */
  handOver(detector: string, { url = '', headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    const kept = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' && !SECRET_HEADERS.has(name) ? [[name, value] as const] : []));
    const [path = ''] = url.split('?');
    const id = (this.#handedOver += 1);
    // What its worker says is for the process alone.
    socket.pause();
    socket.on('error', () => socket.destroy());
    this.#leaving.set(id, socket);
    socket.once('close', () => this.#leaving.delete(id));
    this.#send({ type: 'worker', id, detector, url: path, headers: Object.fromEntries(kept), head: Uint8Array.from(head) }, socket);
  }

  /** Sends workers of all other detectors away. */
  retain(detectors: readonly string[]): void {
    this.#send({ type: 'detectors', names: [...detectors] });
  }

  /** Ends the process within 3 s and removes the socket's folder. Idempotent. */
  async close(): Promise<void> {
    await this.#process?.close();
    this.#dropLeaving();
    this.#folder.remove();
    this.#enter('closed');
  }

  #send(command: ExternalCommand, socket?: Socket): void {
    this.#process?.send(command, socket);
  }

  #receive(message: unknown): boolean {
    const event = ExternalEvent.safeParse(message);
    if (!event.success) return false;
    switch (event.data.type) {
      case 'ready':
        this.#enter('ready');
        break;
      case 'arrived':
        // A worker that were answered before this could say something that is still read, and lost, in this process.
        this.#leaving.get(event.data.id)?.destroy();
        this.#send({ type: 'answer', id: event.data.id });
        break;
      case 'stats':
        this.#stats = new Map(event.data.detectors.map((one) => [one.detector, one]));
        break;
    }
    return true;
  }

  #dropLeaving(): void {
    for (const socket of this.#leaving.values()) socket.destroy();
  }

  #enter(state: ExternalHostState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#logger.info({ state }, `the process of external detectors is ${state}`);
    this.emit('state', state);
  }
}

/** Fields of a request that are of no use to the process, and none of its business. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
