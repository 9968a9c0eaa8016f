import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { DetectorEvent, type DetectorOptions } from '../pipeline/detect/detector-events.ts';
import { KeptProcess } from '../processes/kept-process.ts';
import { SocketFolder } from '../processes/socket-folder.ts';
import type { ProcessTiming } from '../processes/timing.ts';

/** The program that runs the models. */
export const DETECTOR_PROCESS = fileURLToPath(new URL('../pipeline/detect/detector-process.ts', import.meta.url));

/** Statistics of one loaded model over the last second. */
export type DetectorModelStats = Extract<DetectorEvent, { type: 'stats' }>['models'][number];

/**
 * - `starting`: its first process is not ready yet
 * - `ready`: it accepts frames
 * - `restarting`: a process exited by itself; the next one is waiting or starting
 * - `closed`
 */
export type DetectorHostState = 'starting' | 'ready' | 'restarting' | 'closed';

/** What a {@link DetectorHost} is made from. */
export interface DetectorHostInit {
  readonly detection: Pick<Config['detection'], 'threads' | 'providers'> & Partial<Pick<Config['detection'], 'maxBatch' | 'batchDelayMs'>>;
  /** Folder of the cache of checked model files. */
  readonly cacheDir?: string | undefined;
  readonly logger: Logger;
  /** Main module of the detector process; left out, the real one. */
  readonly entry?: string | undefined;
  readonly timing?: Partial<ProcessTiming> | undefined;
}

interface DetectorHostEvents {
  state: [DetectorHostState];
}

/** Keeps one detector process running. Streams reach it through {@link socketPath}, which stays the same across restarts. */
export class DetectorHost extends EventEmitter<DetectorHostEvents> {
  /** Path of the unix socket that the process listens on, in a folder that only this user can enter. */
  readonly socketPath: string;
  readonly #folder = new SocketFolder();
  readonly #logger: Logger;
  readonly #process: KeptProcess;
  #state: DetectorHostState = 'starting';
  #providers: readonly string[] = [];
  #models: readonly DetectorModelStats[] = [];

  constructor({ detection, cacheDir, logger, entry = DETECTOR_PROCESS, timing }: DetectorHostInit) {
    super();
    this.#logger = logger.child({ component: 'detector' });
    this.socketPath = this.#folder.socket;
    const { threads, providers, maxBatch, batchDelayMs } = detection;
    const batching = { ...(maxBatch === undefined ? {} : { maxBatch }), ...(batchDelayMs === undefined ? {} : { batchDelayMs }) };
    const options: Partial<DetectorOptions> = { socket: this.socketPath, threads, providers, ...batching, ...(cacheDir === undefined ? {} : { cacheDir }) };
    this.#process = new KeptProcess({
      title: 'the detector process',
      entry,
      args: [JSON.stringify(options)],
      logger: this.#logger,
      timing,
      prepare: () => this.#folder.clear(),
      receive: (message) => this.#receive(message),
      ended: () => {
        this.#models = [];
        this.#enter('restarting');
      },
    });
  }

  get state(): DetectorHostState {
    return this.#state;
  }

  /** Execution providers that work here, in order of use. */
  get providers(): readonly string[] {
    return this.#providers;
  }

  /** The loaded models, with statistics of the last second. */
  get models(): readonly DetectorModelStats[] {
    return this.#models;
  }

  get restarts(): number {
    return this.#process.restarts;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Ends the process within 3 s and removes the socket's folder. Idempotent. */
  async close(): Promise<void> {
    await this.#process.close();
    this.#folder.remove();
    this.#enter('closed');
  }

  #receive(message: unknown): boolean {
    const event = DetectorEvent.safeParse(message);
    if (!event.success) return false;
    if (event.data.type === 'ready') {
      this.#providers = event.data.providers;
      this.#enter('ready');
    } else {
      this.#models = event.data.models;
    }
    return true;
  }

  #enter(state: DetectorHostState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#logger.info({ state, providers: this.#providers }, `detector is ${state}`);
    this.emit('state', state);
  }
}
