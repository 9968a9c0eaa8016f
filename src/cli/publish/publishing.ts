import { setTimeout as sleep } from 'node:timers/promises';
import type wrtc from '@roamhq/wrtc';
import type { VideoInfo } from '../../pipeline/media/info.ts';
import type { Source, SourceFrame } from '../../pipeline/source/source.ts';
import { SourceSession } from '../../pipeline/source/session.ts';
import { Backoff } from '../../util/backoff.ts';
import { I420Packer } from './i420.ts';
import { PublishError } from './publish-error.ts';
import { WhipSession, type SentMedia, type WhipEndpoint, type Wrtc } from './whip-session.ts';

/** Waits between attempts to reach the server, in ms. */
const RETRY = { first: 500, most: 15_000 } as const;
/** Milliseconds of connection after which the back-off starts over. */
const HEALTHY_MS = 10_000;

/**
 * - `opening`: the source has no frame yet
 * - `connecting`: an offer was sent, or media does not flow yet
 * - `live`: media flows
 * - `waiting`: waiting before the next attempt to reach the server
 */
export type PublishState = 'opening' | 'connecting' | 'live' | 'waiting';

/** Status of publishing, for people. */
export interface PublishStatus {
  readonly state: PublishState;
  readonly video: VideoInfo | undefined;
  /** Why it is not `live`, or why the source has no frames. */
  readonly problem: string | undefined;
}

export interface PublishingOptions {
  readonly wrtc: Wrtc;
  readonly endpoint: WhipEndpoint;
  /** Creates a new source for each attempt to read it. */
  readonly createSource: () => Source;
  readonly onStatus: (status: PublishStatus) => void;
}

/**
 * Publishes one source by WHIP until it ends: opening → connecting ⇄ live, and waiting between attempts. The source keeps playing while the
 * server is away, as a camera does.
 */
export class Publishing {
  readonly #options: PublishingOptions;
  readonly #packer = new I420Packer();
  readonly #sink: wrtc.nonstandard.RTCVideoSource;
  readonly #track: wrtc.MediaStreamTrack;
  readonly #source: SourceSession;
  readonly #backoff = new Backoff(RETRY);
  readonly #stop = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  #session: WhipSession | undefined;
  #state: PublishState = 'opening';
  #video: VideoInfo | undefined;
  #sourceProblem: string | undefined;
  #serverProblem: string | undefined;
  #failure: Error | undefined;
  #wasLive = false;

  constructor(options: PublishingOptions) {
    this.#options = options;
    this.#sink = new options.wrtc.nonstandard.RTCVideoSource();
    this.#track = this.#sink.createTrack();
    this.#source = new SourceSession(options.createSource, {
      state: (state, { problem }) => {
        this.#sourceProblem = problem?.message;
        if (state === 'ended') this.#stop.abort();
        // A source that never worked is reported at once, as its address may be wrong; later it recovers by itself.
        if ((state === 'failed' || state === 'retrying') && this.#video === undefined) this.#fail(new PublishError(problem?.message ?? 'The source can’t be read.'));
        this.#say();
      },
      video: (video) => {
        this.#video = video;
        this.#opened.resolve();
      },
      frame: (frame) => this.#take(frame),
    });
  }

  /**
   * Resolves when the source has ended, or after `stop`, once the server has been told.
   * @throws PublishError for what a retry can't solve
   */
  async run(): Promise<void> {
    this.#stop.signal.addEventListener('abort', () => this.#opened.resolve());
    this.#source.start();
    try {
      await this.#opened.promise;
      while (!this.#stop.signal.aborted) await this.#publish();
    } finally {
      this.#stop.abort();
      await this.#source.close();
      this.#track.stop();
      await this.#session?.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Stops publishing; idempotent. */
  stop(): void {
    this.#stop.abort();
  }

  /** What the current session has sent; undefined without one. */
  async sent(): Promise<SentMedia | undefined> {
    return this.#state === 'live' ? this.#session?.sent() : undefined;
  }

  /** Runs one session until it is lost, and waits afterwards. */
  async #publish(): Promise<void> {
    const { wrtc, endpoint } = this.#options;
    const { signal } = this.#stop;
    this.#enter('connecting');
    // Reconnecting would replace the other publisher, which would reconnect in turn.
    if ((await this.#session?.farewell()) === 'replaced') return this.#fail(new PublishError('Another publisher has taken the place of this one.'));
    try {
      this.#session = await WhipSession.open(wrtc, endpoint, this.#track, signal);
    } catch (error) {
      if (signal.aborted) return;
      // A permanent refusal comes with the first attempt. Later ones may only mean that the server has not noticed the end of the previous session.
      if (!(error instanceof PublishError) || (!error.passing && !this.#wasLive)) return this.#fail(error as Error);
      return this.#wait(error.message, Math.max(this.#backoff.next(), error.retryAfterMs ?? 0));
    }
    const since = performance.now();
    this.#wasLive = true;
    this.#serverProblem = undefined;
    this.#enter('live');
    await this.#end(this.#session);
    if (performance.now() - since > HEALTHY_MS) this.#backoff.reset();
    if (!signal.aborted) await this.#wait('The connection to the server was lost.', this.#backoff.next());
  }

  /** Resolves when a session is lost or publishing ends. */
  async #end(session: WhipSession): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = this.#stop;
    session.once('lost', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (!signal.aborted) await promise;
    await session.close();
  }

  async #wait(problem: string, ms: number): Promise<void> {
    this.#serverProblem = `${problem} Trying again in ${(ms / 1000).toFixed(1)} s.`;
    this.#enter('waiting');
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #take({ picture }: SourceFrame): void {
    try {
      if (this.#session !== undefined && picture !== undefined) this.#sink.onFrame(this.#packer.pack(picture));
    } finally {
      picture?.release();
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#stop.abort();
  }

  #enter(state: PublishState): void {
    this.#state = state;
    this.#say();
  }

  #say(): void {
    const problem = this.#state === 'live' || this.#state === 'opening' ? this.#sourceProblem : this.#serverProblem;
    this.#options.onStatus({ state: this.#state, video: this.#video, problem });
  }
}
