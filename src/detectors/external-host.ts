import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { ExternalEvent, type ExternalCommand, type ExternalOptions, type ExternalStats } from '../pipeline/detect/external/external-events.ts';
import { KeptProcess } from '../processes/kept-process.ts';
import { SocketFolder } from '../processes/socket-folder.ts';
import type { ProcessTiming } from '../processes/timing.ts';

/** The program that sends frames to algorithms outside this server. */
export const EXTERNAL_PROCESS = fileURLToPath(new URL('../pipeline/detect/external/external-process.ts', import.meta.url));

/**
 * - `idle`: not needed yet
 * - `starting`: its first process is not ready yet
 * - `ready`: it accepts workers and frames
 * - `restarting`: a process exited by itself; the next one is waiting or starting
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
 * Keeps one process for external detectors running, once it is needed. Streams reach it through {@link socketPath}; connections of workers
 * are handed over to it, so that no frame passes through the control process.
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
  /** Connections whose handover is not confirmed; closed here when it is, or when the process has exited. */
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

  /** Statistics of a detector over the last second; undefined without a stream or a worker. */
  stats(detector: string): ExternalStats | undefined {
    return this.#stats.get(detector);
  }

  /** Statistics of all detectors. */
  get detectors(): readonly ExternalStats[] {
    return [...this.#stats.values()];
  }

  /** Starts the process. Idempotent. */
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

  /** Hands a WebSocket upgrade over to the process, which answers it. */
  handOver(detector: string, { url = '', headers }: IncomingMessage, socket: Socket, head: Buffer): void {
    const kept = Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' && !SECRET_HEADERS.has(name) ? [[name, value] as const] : []));
    const [path = ''] = url.split('?');
    const id = (this.#handedOver += 1);
    // Only the process may read what the worker sends.
    socket.pause();
    socket.on('error', () => socket.destroy());
    this.#leaving.set(id, socket);
    socket.once('close', () => this.#leaving.delete(id));
    this.#send({ type: 'worker', id, detector, url: path, headers: Object.fromEntries(kept), head: Uint8Array.from(head) }, socket);
  }

  /** Disconnects the workers of all other detectors. */
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
        // A worker answered before this could send data that this process would still read and lose.
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

/** Request headers with secrets, which are not handed over. */
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'proxy-authorization']);
