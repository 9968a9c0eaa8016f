import type { Serializable } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Backoff } from '../util/backoff.ts';
import { Child, type Exit } from './child.ts';
import { Heartbeat } from './heartbeat.ts';
import { DEFAULT_TIMING, type ProcessTiming } from './timing.ts';
import { Wake } from '../util/wake.ts';

/** Reports, due once a second, that may be missed: loading a model may block it for longer than a stream process should ever be. */
const REPORTS_MISSED = 3;

/** What a {@link KeptProcess} is made from. */
export interface KeptProcessInit {
  /** Its name in the log: `the detector process`. */
  readonly title: string;
  /** Path of its main module. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly logger: Logger;
  readonly timing?: Partial<ProcessTiming> | undefined;
  /** Called before each start. */
  readonly prepare: () => void;
  /** @returns whether it is a valid message, and so a sign of life */
  readonly receive: (message: unknown) => boolean;
  /** Called when it has exited by itself and will be restarted. */
  readonly ended: () => void;
}

/** A child process that serves all streams: it is watched, and restarted until it is closed. */
export class KeptProcess {
  readonly #init: KeptProcessInit;
  readonly #timing: ProcessTiming;
  readonly #backoff: Backoff;
  readonly #wake = new Wake();
  readonly #loop: Promise<void>;
  #child: Child | undefined;
  #restarts = 0;
  #closed = false;

  constructor(init: KeptProcessInit) {
    this.#init = init;
    this.#timing = { ...DEFAULT_TIMING, ...init.timing };
    this.#backoff = new Backoff({ first: this.#timing.backoffFirstMs, most: this.#timing.backoffMostMs });
    this.#loop = this.#supervise();
  }

  /** Number of times it exited by itself. */
  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** As {@link Child.send}. */
  send(message: Serializable, socket?: Socket): void {
    this.#child?.send(message, socket);
  }

  /** Ends the process within 3 s. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake.signal();
    await this.#child?.stop({ type: 'stop' });
    await this.#loop;
  }

  async #supervise(): Promise<void> {
    while (!this.#closed) {
      const startedAt = performance.now();
      const exit = await this.#runOnce();
      this.#child = undefined;
      if (this.#closed) break;
      if (performance.now() - startedAt >= this.#timing.healthyMs) this.#backoff.reset();
      this.#restarts++;
      this.#init.ended();
      const waitMs = this.#backoff.next();
      const { logger, title } = this.#init;
      logger.error({ err: exit.error, code: exit.code, signal: exit.signal, waitMs }, `${title} ended by itself; starting it again`);
      const until = performance.now() + waitMs;
      for (let left = waitMs; left > 0 && !this.#isClosed(); left = until - performance.now()) await this.#wake.wait(left);
    }
  }

  /** `close` may have been called during a wait, which the compiler can't know. */
  #isClosed(): boolean {
    return this.#closed;
  }

  async #runOnce(): Promise<Exit> {
    const { entry, args, logger, title, prepare, receive } = this.#init;
    let child: Child;
    try {
      prepare();
      child = new Child({ entry, args, logger, scrub: (text) => text });
    } catch (error) {
      return { code: null, signal: null, error: error as Error };
    }
    this.#child = child;
    const { startLimitMs, silenceMs, tickMs } = this.#timing;
    const heartbeat = new Heartbeat(tickMs, Math.ceil(startLimitMs / tickMs), () => {
      logger.error(`${title} gave no sign of life`);
      child.kill();
    });
    child.on('message', (message) => {
      if (receive(message)) heartbeat.expect(Math.ceil((REPORTS_MISSED * silenceMs) / tickMs));
    });
    const exit = await child.exited;
    heartbeat.stop();
    return exit;
  }
}
