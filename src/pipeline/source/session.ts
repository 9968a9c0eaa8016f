import { Backoff } from '../../util/backoff.ts';
import { WALL_CLOCK, type Clock } from '../../util/clock.ts';
import type { AudioInfo, Problem, SourceState, VideoInfo } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import { SourceError, type Source, type SourceFrame } from './source.ts';

/** How patient a session is; all in milliseconds. */
export interface SessionTimes {
  /** From the start of an attempt to the source being open. */
  readonly open: number;
  /** From the source being open to its first frame. */
  readonly firstFrame: number;
  /** Without a new frame until the source counts as stalled; slow sources have the time of {@link STALL_FRAMES} frames. */
  readonly stall: number;
  /** Without a new frame until it is given up and tried again; slow sources have the time of {@link GIVE_UP_FRAMES} frames. */
  readonly giveUp: number;
  /** First and longest wait between attempts. */
  readonly retryMin: number;
  readonly retryMax: number;
  /** Between attempts at what retrying hardly mends. */
  readonly retryLasting: number;
  /** Alive for this long without a break, a source starts with the shortest wait again. */
  readonly healthy: number;
}

export const SESSION_TIMES: SessionTimes = {
  open: 15_000,
  firstFrame: 10_000,
  stall: 3000,
  giveUp: 10_000,
  retryMin: 500,
  retryMax: 15_000,
  retryLasting: 30_000,
  healthy: 60_000,
};

const STALL_FRAMES = 3;
const GIVE_UP_FRAMES = 10;
/** Credentials may be refused this often in a row, by a device that is still starting, before that counts as lasting. */
const MOST_REFUSALS = 3;

export interface SessionEvents {
  state(state: SourceState, details: { problem?: Problem; retryAt?: number }): void;
  /** Also when a running source changes its size. */
  video(info: VideoInfo): void;
  /** With each opening; undefined where the source has no sound. */
  audio?(info: AudioInfo | undefined): void;
  /** The receiver owns the picture. */
  frame(frame: SourceFrame): void;
  /** The picture of the last frame, which was not decoded when it came; told when the source falls silent or ends. The receiver owns it. */
  last?(picture: Picture): void;
}

export interface SessionOptions {
  readonly times?: SessionTimes;
  readonly clock?: Clock;
  /** 0…1: the jitter of waits. */
  readonly random?: () => number;
}

/**
 * Keeps one source going for ever: connecting → live ⇄ stalled → retrying → connecting …, `failed` throughout slow attempts at
 * what retrying hardly mends, `ended` after the last frame of a file that does not loop. A stall is "no new frame", not "no error".
 * Somebody who pushes is waited for in `connecting`, and again when they have left. The states are drawn in docs/lifecycle.md.
 */
export class SourceSession {
  readonly #create: () => Source;
  readonly #events: SessionEvents;
  readonly #times: SessionTimes;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #source: Source | undefined;
  #state: SourceState = 'connecting';
  #skipWait: (() => void) | undefined;
  #breakOff: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #refusals = 0;
  #liveSince: number | undefined;
  #droppedBefore = 0;

  /** @param create makes a fresh source for an attempt; what it throws counts as that attempt's failure */
  constructor(create: () => Source, events: SessionEvents, { times = SESSION_TIMES, clock = WALL_CLOCK, random }: SessionOptions = {}) {
    this.#create = create;
    this.#events = events;
    this.#times = times;
    this.#clock = clock;
    this.#backoff = new Backoff({ first: times.retryMin, most: times.retryMax, ...(random === undefined ? {} : { random }) });
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Starts once; later calls do nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** A person wants it now: a wait is skipped, a stalled source is opened anew, and waits are short again. */
  retryNow(): void {
    this.#backoff.reset();
    this.#refusals = 0;
    if (this.#state === 'failed') this.#enter('connecting');
    if (this.#state === 'stalled') this.#breakOff?.();
    this.#skipWait?.();
  }

  /** The source that is open, for questions to it. */
  get source(): Source | undefined {
    return this.#source;
  }

  /** What its sources have left out so far because the pipeline was too slow for it: packets or pictures. */
  get dropped(): number {
    return this.#droppedBefore + (this.#source?.dropped ?? 0);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#skipWait?.();
    this.#breakOff?.();
    await this.#source?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let problem: Problem | undefined;
    while (!this.#abort.signal.aborted) {
      if (this.#state === 'failed') this.#enter('failed', problem === undefined ? {} : { problem });
      else this.#enter('connecting');
      const failure = await this.#attempt().catch((error: unknown) => (error instanceof BrokenOff ? error : asSourceError(error)));
      this.#liveSince = undefined;
      if (this.#abort.signal.aborted) return;
      if (failure instanceof BrokenOff) continue;
      if (failure === undefined) {
        this.#enter('ended');
        await this.#wait(undefined);
        continue;
      }
      if (failure.code === 'source-waiting') continue;
      problem = { code: failure.code, message: failure.message };
      const lasting = this.#lasts(failure);
      const wait = lasting ? this.#times.retryLasting : this.#backoff.next();
      this.#enter(lasting ? 'failed' : 'retrying', { problem, retryAt: this.#clock.now() + wait });
      await this.#wait(wait);
    }
  }

  /** Runs one source until it ends; @throws what it failed of, or {@link BrokenOff}. */
  async #attempt(): Promise<undefined> {
    const source = this.#create();
    this.#source = source;
    const attempt = new AbortController();
    const signal = AbortSignal.any([this.#abort.signal, attempt.signal]);
    try {
      await this.#arrival(source, signal);
      let video = await this.#within(source.open(signal), this.#times.open, 'The source did not answer in time.');
      this.#events.video(video);
      this.#events.audio?.(source.audio);
      for (;;) {
        const frame = await this.#nextFrame(source, 1000 / video.fps);
        if (frame === undefined) return undefined;
        const { width, height } = frame.picture ?? video;
        const fps = source.fps ?? video.fps;
        if (width !== video.width || height !== video.height || fps !== video.fps) this.#events.video((video = { ...video, width, height, fps }));
        this.#events.frame(frame);
      }
    } finally {
      attempt.abort();
      await this.#tellLast(source);
      this.#droppedBefore = this.dropped;
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

  /** @param frameMs nominal time from one frame to the next */
  async #nextFrame(source: Source, frameMs: number): Promise<SourceFrame | undefined> {
    const pending = source.next();
    if (this.#liveSince === undefined) {
      const first = await this.#within(pending, this.#times.firstFrame, 'The source was opened, but its first frame did not come in time.');
      if (first !== undefined) this.#live();
      return first;
    }
    const unstall = this.#clock.after(Math.max(this.#times.stall, STALL_FRAMES * frameMs), () => {
      this.#enter('stalled');
      void this.#tellLast(source);
    });
    try {
      const patience = Math.max(Math.min(this.#times.giveUp, source.patienceMs ?? Infinity), GIVE_UP_FRAMES * frameMs);
      const frame = await this.#within(pending, patience, 'No new frame has come for too long.');
      if (frame !== undefined) this.#live();
      return frame;
    } finally {
      unstall();
    }
  }

  /** A frame has come. */
  #live(): void {
    const time = this.#clock.now();
    if (this.#state !== 'live') {
      this.#enter('live');
      this.#liveSince = time;
      this.#refusals = 0;
    }
    if (time - (this.#liveSince ?? time) >= this.#times.healthy) this.#backoff.reset();
  }

  async #tellLast(source: Source): Promise<void> {
    if (this.#events.last === undefined || this.#abort.signal.aborted) return;
    // What can't be decoded now is of no consequence: there is an older picture, or none.
    const picture = await source.latest?.().catch(() => undefined);
    if (picture === undefined) return;
    if (this.#abort.signal.aborted) picture.release();
    else this.#events.last(picture);
  }

  #lasts(failure: SourceError): boolean {
    if (failure.code === 'source-credentials') this.#refusals += 1;
    else this.#refusals = 0;
    return failure.lasting || this.#refusals >= MOST_REFUSALS;
  }

  async #wait(ms: number | undefined): Promise<void> {
    if (this.#abort.signal.aborted) return;
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      this.#skipWait = resolve;
      if (ms !== undefined) cancel = this.#clock.after(ms, resolve);
    });
    cancel?.();
    this.#skipWait = undefined;
  }

  /** Loses the race against a timer, and against a person who has no patience; a picture that comes too late is given back. */
  async #within<T>(pending: Promise<T>, ms: number, message: string): Promise<T> {
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#clock.after(ms, () => reject(new SourceError('source-timeout', message)));
      this.#breakOff = () => reject(new BrokenOff());
    });
    try {
      return await Promise.race([pending, late]);
    } catch (error) {
      pending.then((value) => releaseLate(value), () => undefined);
      throw error;
    } finally {
      cancel?.();
      this.#breakOff = undefined;
    }
  }

  #enter(state: SourceState, details: { problem?: Problem; retryAt?: number } = {}): void {
    this.#state = state;
    this.#events.state(state, details);
  }
}

/** An attempt was ended without having failed. */
class BrokenOff extends Error {}

function releaseLate(value: unknown): void {
  if (typeof value === 'object' && value !== null && 'picture' in value) (value as SourceFrame).picture?.release();
}

function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceError('source-read', `Reading the source broke off: ${reason}.`, { cause: error });
}
