import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { DetectorEvent, type DetectorOptions } from '../pipeline/detect/detector-events.ts';
import { Backoff } from '../pipeline/backoff.ts';
import { Child, type Exit } from './child.ts';
import { Heartbeat } from './heartbeat.ts';
import { SocketFolder } from './socket-folder.ts';
import { DEFAULT_TIMING, type StreamTiming } from './timing.ts';
import { Wake } from './wake.ts';

/** The program that runs the models. */
export const DETECTOR_PROCESS = fileURLToPath(new URL('../pipeline/detect/detector-process.ts', import.meta.url));

/** It reports once a second; loading a large model may hold it up for longer than a stream's process ever should be. */
const REPORTS_MISSED = 3;

/** What one loaded model did in the last second. */
export type DetectorModelStats = Extract<DetectorEvent, { type: 'stats' }>['models'][number];

/**
 * - `starting`: its first process has not said that it is ready
 * - `ready`: it takes frames
 * - `restarting`: a process ended by itself, the next one is due or starting
 * - `closed`
 */
export type DetectorHostState = 'starting' | 'ready' | 'restarting' | 'closed';

/** What a {@link DetectorHost} is made from. */
export interface DetectorHostInit {
  readonly detection: Pick<Config['detection'], 'threads' | 'providers'>;
  /** Folder that remembers which model files are sound. */
  readonly cacheDir?: string | undefined;
  readonly logger: Logger;
  /** Main module of the detector process; left out, the real one. */
  readonly entry?: string | undefined;
  readonly timing?: Partial<StreamTiming> | undefined;
}

interface DetectorHostEvents {
  state: [DetectorHostState];
}

/** Keeps one detector process running. Streams reach it through {@link socketPath}, which stays the same over its restarts. */
export class DetectorHost extends EventEmitter<DetectorHostEvents> {
  /** Path of the unix socket that the process listens on, in a folder that only this user can enter. */
  readonly socketPath: string;
  readonly #folder: SocketFolder;
  readonly #options: Omit<DetectorOptions, 'maxBatch'>;
  readonly #logger: Logger;
  readonly #entry: string;
  readonly #timing: StreamTiming;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  readonly #loop: Promise<void>;
  #state: DetectorHostState = 'starting';
  #providers: readonly string[] = [];
  #models: readonly DetectorModelStats[] = [];
  #child: Child | undefined;
  #restarts = 0;
  #closed = false;

  constructor({ detection, cacheDir, logger, entry = DETECTOR_PROCESS, timing }: DetectorHostInit) {
    super();
    this.#logger = logger.child({ component: 'detector' });
    this.#entry = entry;
    this.#timing = { ...DEFAULT_TIMING, ...timing };
    this.#backoff = new Backoff({ first: this.#timing.backoffFirstMs, most: this.#timing.backoffMostMs });
    this.#folder = new SocketFolder();
    this.socketPath = this.#folder.socket;
    const { threads, providers } = detection;
    this.#options = { socket: this.socketPath, threads, providers, ...(cacheDir === undefined ? {} : { cacheDir }) };
    this.#loop = this.#supervise();
  }

  get state(): DetectorHostState {
    return this.#state;
  }

  /** Execution providers that work here, in the order they are used. */
  get providers(): readonly string[] {
    return this.#providers;
  }

  /** The models that it has loaded, and what they did in the last second. */
  get models(): readonly DetectorModelStats[] {
    return this.#models;
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process within 3 s and removes the socket's folder. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake.signal();
    await this.#child?.stop({ type: 'stop' });
    await this.#loop;
    this.#folder.remove();
  }

  async #supervise(): Promise<void> {
    while (!this.#closed) {
      const startedAt = performance.now();
      const exit = await this.#runOnce();
      this.#child = undefined;
      this.#models = [];
      if (this.#closed) break;
      if (performance.now() - startedAt >= this.#timing.healthyMs) this.#backoff.reset();
      this.#restarts++;
      this.#enter('restarting');
      const waitMs = this.#backoff.next();
      this.#logger.error({ err: exit.error, code: exit.code, signal: exit.signal, waitMs }, 'the detector process ended by itself; starting it again');
      const until = performance.now() + waitMs;
      for (let left = waitMs; left > 0 && !this.#isClosed(); left = until - performance.now()) await this.#wake.wait(left);
    }
    this.#enter('closed');
  }

  /** `close` may have been called during a wait, which the compiler can't know. */
  #isClosed(): boolean {
    return this.#closed;
  }

  async #runOnce(): Promise<Exit> {
    let child: Child;
    try {
      this.#folder.clear();
      child = new Child({
        entry: this.#entry,
        args: [JSON.stringify(this.#options)],
        logger: this.#logger,
        scrub: (text) => text,
      });
    } catch (error) {
      return { code: null, signal: null, error: error as Error };
    }
    this.#child = child;
    const { startLimitMs, tickMs } = this.#timing;
    const heartbeat = new Heartbeat(tickMs, Math.ceil(startLimitMs / tickMs), () => {
      this.#logger.error('the detector process gave no sign of life');
      child.kill();
    });
    child.on('message', (message) => this.#receive(message, heartbeat));
    const exit = await child.exited;
    heartbeat.stop();
    return exit;
  }

  #receive(message: unknown, heartbeat: Heartbeat): void {
    const event = DetectorEvent.safeParse(message);
    if (!event.success) return;
    const { silenceMs, tickMs } = this.#timing;
    heartbeat.expect(Math.ceil((REPORTS_MISSED * silenceMs) / tickMs));
    if (event.data.type === 'ready') {
      this.#providers = event.data.providers;
      this.#enter('ready');
    } else {
      this.#models = event.data.models;
    }
  }

  #enter(state: DetectorHostState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#logger.info({ state, providers: this.#providers }, `detector is ${state}`);
    this.emit('state', state);
  }
}
