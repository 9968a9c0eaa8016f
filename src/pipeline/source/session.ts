import { now } from '../frame.ts';
import type { Problem, SourceState, VideoInfo } from '../messages.ts';
import { SourceError, type Source, type SourceFrame } from './source.ts';

/** How patient a session is; all in milliseconds. */
export interface SessionTimes {
  /** From the start of an attempt to the source being open. */
  readonly open: number;
  /** Without a new frame until the source counts as stalled. */
  readonly stall: number;
  /** Without a new frame until it is given up and tried again. */
  readonly giveUp: number;
  /** First and longest wait between attempts. */
  readonly retryMin: number;
  readonly retryMax: number;
  /** Between attempts at what retrying hardly mends. */
  readonly retryLasting: number;
  /** Alive for this long, a source starts with the shortest wait again. */
  readonly healthy: number;
}

export const SESSION_TIMES: SessionTimes = {
  open: 15_000,
  stall: 3000,
  giveUp: 10_000,
  retryMin: 500,
  retryMax: 15_000,
  retryLasting: 30_000,
  healthy: 60_000,
};

export interface SessionEvents {
  state(state: SourceState, details: { problem?: Problem; retryAt?: number }): void;
  /** Also when a running source changes its size. */
  video(info: VideoInfo): void;
  /** The receiver owns the picture. */
  frame(frame: SourceFrame): void;
}

/**
 * Keeps one source going for ever: connecting → live ⇄ stalled → retrying → connecting …, `failed` throughout slow attempts at
 * what retrying hardly mends, `ended` after the last frame of a file that does not loop. A stall is "no new frame", not "no error".
 * Somebody who pushes is waited for in `connecting`, and again when they have left.
 */
export class SourceSession {
  readonly #create: () => Source;
  readonly #events: SessionEvents;
  readonly #times: SessionTimes;
  readonly #abort = new AbortController();
  #source: Source | undefined;
  #state: SourceState = 'connecting';
  #skipWait: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #attempts = 0;
  #liveSince: number | undefined;

  /** @param create makes a fresh source for an attempt; what it throws counts as that attempt's failure */
  constructor(create: () => Source, events: SessionEvents, times: SessionTimes = SESSION_TIMES) {
    this.#create = create;
    this.#events = events;
    this.#times = times;
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Starts once; later calls do nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Tries again now instead of after the wait. */
  retryNow(): void {
    this.#skipWait?.();
  }

  /** The source that is open, for questions to it. */
  get source(): Source | undefined {
    return this.#source;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#skipWait?.();
    await this.#source?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      if (this.#state !== 'failed') this.#enter('connecting');
      const failure = await this.#attempt().catch((error: unknown) => asSourceError(error));
      if (this.#abort.signal.aborted) return;
      if (failure === undefined) {
        this.#enter('ended');
        await this.#wait(undefined);
        continue;
      }
      if (failure.code === 'source-waiting') continue;
      const wait = failure.lasting ? this.#times.retryLasting : this.#backOff();
      const problem = { code: failure.code, message: failure.message };
      this.#enter(failure.lasting ? 'failed' : 'retrying', { problem, retryAt: now() + wait });
      await this.#wait(wait);
    }
  }

  /** Runs one source until it ends; @throws what it failed of. */
  async #attempt(): Promise<undefined> {
    const source = this.#create();
    this.#source = source;
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, attempt.signal]);
    try {
      await this.#arrival(source, signal);
      let video = await within(source.open(signal), this.#times.open, 'The source did not answer in time.');
      this.#events.video(video);
      for (;;) {
        const frame = await this.#nextFrame(source);
        if (frame === undefined) return undefined;
        const { width, height } = frame.picture;
        const fps = source.fps ?? video.fps;
        if (width !== video.width || height !== video.height || fps !== video.fps) this.#events.video((video = { ...video, width, height, fps }));
        this.#events.frame(frame);
      }
    } finally {
      attempt.abort();
      this.#source = undefined;
      await source.close();
    }
  }

  async #arrival({ awaited }: Source, signal: AbortSignal): Promise<void> {
    if (awaited === undefined) return;
    this.#enter('connecting', { problem: awaited.problem });
    await awaited.arrival(signal);
    this.#enter('connecting');
  }

  async #nextFrame(source: Source): Promise<SourceFrame | undefined> {
    const pending = source.next();
    const stall = setTimeout(() => this.#enter('stalled'), this.#times.stall);
    try {
      const frame = await within(pending, this.#times.giveUp, 'No new frame has come for too long.');
      if (frame !== undefined && this.#state !== 'live') {
        this.#enter('live');
        this.#liveSince = now();
      }
      return frame;
    } finally {
      clearTimeout(stall);
    }
  }

  #backOff(): number {
    if (this.#liveSince !== undefined && now() - this.#liveSince > this.#times.healthy) this.#attempts = 0;
    this.#liveSince = undefined;
    const ceiling = Math.min(this.#times.retryMax, this.#times.retryMin * 2 ** Math.min(this.#attempts, 16));
    this.#attempts += 1;
    return ceiling * (0.75 + Math.random() * 0.25);
  }

  async #wait(ms: number | undefined): Promise<void> {
    if (this.#abort.signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#skipWait = resolve;
      if (ms !== undefined) timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#skipWait = undefined;
  }

  #enter(state: SourceState, details: { problem?: Problem; retryAt?: number } = {}): void {
    this.#state = state;
    this.#events.state(state, details);
  }
}

/** Loses the race against a timer; a picture that comes too late is given back. */
async function within<T>(pending: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new SourceError('source-timeout', message)), ms);
  });
  try {
    return await Promise.race([pending, late]);
  } catch (error) {
    pending.then((value) => releaseLate(value), () => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function releaseLate(value: unknown): void {
  if (typeof value === 'object' && value !== null && 'picture' in value) (value as SourceFrame).picture.release();
}

function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceError('source-read', `Reading the source broke off: ${reason}.`, { cause: error });
}
