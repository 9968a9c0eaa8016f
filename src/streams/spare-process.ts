import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { Child, type ChildInit } from '../processes/child.ts';
import type { Scrub } from '../processes/scrub.ts';
import { Backoff } from '../util/backoff.ts';

/** Milliseconds from a change of what is wanted until it is followed: a stream that starts meanwhile has the processor for itself. */
const SETTLE_MS = 2000;
/** Milliseconds that a spare which ended by itself is not replaced, and at most, when it does so again and again. */
const AGAIN_MS = { first: 1000, most: 60_000 };

/** What a {@link SpareProcess} is made from. */
export interface SpareProcessInit extends Pick<ChildInit, 'entry' | 'env' | 'nodeArgs'> {
  /** The command, with its arguments, that runs it. */
  readonly launcher: readonly string[];
  readonly logger: Logger;
  /** Milliseconds, for tests. */
  readonly settleMs?: number;
}

interface SpareProcessEvents {
  /** It has loaded its program. */
  ready: [];
}

/**
 * A stream process that has loaded its program, confined like all others, and waits for its plan, so that the next stream need not wait for
 * that. It is told of a source only by the stream that takes it.
 */
export class SpareProcess extends EventEmitter<SpareProcessEvents> {
  readonly #init: SpareProcessInit;
  readonly #backoff = new Backoff(AGAIN_MS);
  readonly #leaving = new Set<Promise<unknown>>();
  #spare: { readonly child: Child; readonly said: unknown[] } | undefined;
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(init: SpareProcessInit) {
    super();
    this.#init = init;
  }

  /** Of the one that there is, which may still be starting. */
  get pid(): number | undefined {
    return this.#spare?.child.pid;
  }

  /** Whether there should be one; followed after a while. */
  set wanted(wanted: boolean) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#settleIn(this.#init.settleMs ?? SETTLE_MS);
  }

  /**
   * Gives the spare away; another one takes its place, where one is wanted.
   * @param launcher the command by which the process would be started otherwise: it has to be the spare's own
   * @param logger of what it says from now on
   * @returns it says again what it has said so far; undefined where there is none that fits
   */
  take(launcher: readonly string[], logger: Logger, scrub: Scrub): Child | undefined {
    const spare = this.#spare;
    if (spare === undefined || launcher.join('\0') !== this.#init.launcher.join('\0')) return undefined;
    this.#spare = undefined;
    const { child, said } = spare;
    child.removeAllListeners();
    child.logTo(logger, scrub);
    queueMicrotask(() => said.forEach((message) => child.emit('message', message)));
    this.#settleIn(this.#init.settleMs ?? SETTLE_MS);
    return child;
  }

  /** Ends it, within 3 s. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#drop();
    await Promise.all(this.#leaving);
  }

  #settleIn(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      if (!this.#wanted) this.#drop();
      else if (this.#spare === undefined) this.#start();
    }, ms);
    this.#timer.unref();
  }

  #start(): void {
    const { entry, nodeArgs = [], launcher, env, logger } = this.#init;
    let child: Child;
    try {
      child = new Child({ entry, nodeArgs, launcher, logger, scrub: (text) => text, ...(env === undefined ? {} : { env }) });
    } catch (error) {
      logger.warn({ err: error }, 'a spare stream process could not be started');
      return this.#settleIn(this.#backoff.next());
    }
    const said: unknown[] = [];
    child.on('message', (message) => {
      said.push(message);
      this.#backoff.reset();
      if (said.length > 1) return;
      logger.debug({ pid: child.pid }, 'a spare stream process is ready');
      this.emit('ready');
    });
    child.on('exit', ({ code, signal }) => {
      this.#spare = undefined;
      logger.warn({ code, signal }, 'the spare stream process ended by itself');
      this.#settleIn(this.#backoff.next());
    });
    this.#spare = { child, said };
  }

  #drop(): void {
    const child = this.#spare?.child;
    this.#spare = undefined;
    if (child === undefined) return;
    child.removeAllListeners();
    const gone = child.stop({ type: 'stop' }).finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}
