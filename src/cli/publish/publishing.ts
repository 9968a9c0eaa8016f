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
/** Connected for this long, the next wait is the shortest again. */
const HEALTHY_MS = 10_000;

/**
 * - `opening`: the source has given no frame yet
 * - `connecting`: an offer is on its way, or media does not flow yet
 * - `live`: media flows
 * - `waiting`: the server is tried again after a while
 */
export type PublishState = 'opening' | 'connecting' | 'live' | 'waiting';

/** How publishing goes, for a person who watches. */
export interface PublishStatus {
  readonly state: PublishState;
  readonly video: VideoInfo | undefined;
  /** Why it is not `live`, or why the source gives nothing. */
  readonly problem: string | undefined;
}

export interface PublishingOptions {
  readonly wrtc: Wrtc;
  readonly endpoint: WhipEndpoint;
  /** Makes a fresh source for each attempt to read it. */
  readonly createSource: () => Source;
  readonly onStatus: (status: PublishStatus) => void;
}

/**
 * Publishes one source by WHIP until it ends: opening → connecting ⇄ live, and waiting between attempts. The source plays on while the
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
        // Who has just typed its address wants to know; later it comes back by itself.
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
   * Resolves when the source has ended, or after `stop`; the server has been told then.
   * @throws PublishError what trying again does not mend
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

  /** Ends it; idempotent. */
  stop(): void {
    this.#stop.abort();
  }

  /** What the present session has sent; undefined where there is none. */
  async sent(): Promise<SentMedia | undefined> {
    return this.#state === 'live' ? this.#session?.sent() : undefined;
  }

  /** One session, from its beginning to its loss, and the wait after it. */
  async #publish(): Promise<void> {
    const { wrtc, endpoint } = this.#options;
    const { signal } = this.#stop;
    this.#enter('connecting');
    // Coming back would end whoever came after, who would come back in turn.
    if ((await this.#session?.farewell()) === 'replaced') return this.#fail(new PublishError('Another publisher has taken the place of this one.'));
    try {
      this.#session = await WhipSession.open(wrtc, endpoint, this.#track, signal);
    } catch (error) {
      if (signal.aborted) return;
      // What a server refuses for good it refuses at once. Later it may be that it does not know yet that the session before is gone.
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
