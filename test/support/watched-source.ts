import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { FrameNumberer } from '../../src/pipeline/frame.ts';
import type { Problem, SourceState, VideoInfo } from '../../src/pipeline/media/info.ts';
import { createSource } from '../../src/pipeline/source/open-source.ts';
import type { PublishContext } from '../../src/pipeline/source/publish-source.ts';
import { PublisherInbox } from '../../src/pipeline/source/publish/publisher-inbox.ts';
import { SESSION_TIMES, SourceSession, type SessionTimes } from '../../src/pipeline/source/session.ts';
import type { SourceContext, SourceFrame } from '../../src/pipeline/source/source.ts';

/** Impatient, so that a test sees a source come back within seconds. */
const TIMES: SessionTimes = { ...SESSION_TIMES, open: 12_000, stall: 1500, giveUp: 4000, retryMin: 200, retryMax: 1000, retryLasting: 1000 };

/** Milliseconds until the next thing that is waited for has to happen. */
const LIMIT_MS = 60_000;

/** So patient that a busy machine is no stall: for a test that says which states there were. */
export const PATIENT: Partial<SessionTimes> = { open: 60_000, firstFrame: 60_000, stall: 60_000, giveUp: 60_000 };

/** A source that a session keeps going, seen from where its frames arrive. */
export class WatchedSource extends EventEmitter<{ frame: []; state: [] }> implements AsyncDisposable {
  readonly states: { state: SourceState; problem?: Problem }[] = [];
  /** In the order in which they came. */
  readonly sizes: string[] = [];
  video: VideoInfo | undefined;
  readonly #session: SourceSession;
  #seen: { capturedAt: number; at: number; look: number }[] = [];

  constructor(address: string, { context = {}, times = {} }: { context?: Partial<SourceContext>; times?: Partial<SessionTimes> } = {}) {
    super();
    this.setMaxListeners(0);
    const inbox = new PublisherInbox(() => undefined);
    const whole: PublishContext = { numberer: new FrameNumberer(), loop: true, mediaRoots: [], inbox, ...context };
    this.#session = new SourceSession(
      () => createSource(address, whole),
      {
        state: (state, { problem }) => {
          this.states.push({ state, ...(problem === undefined ? {} : { problem }) });
          this.emit('state');
        },
        video: (video) => {
          this.video = video;
          this.sizes.push(`${video.width}x${video.height}`);
        },
        frame: (frame) => this.#take(frame),
      },
      { times: { ...TIMES, ...times } },
    );
    this.#session.start();
  }

  /** Resolves when so many further frames came that capture times only grow and the picture moves. */
  async moves(frames = 12): Promise<void> {
    await this.arrives(frames);
    const seen = this.#seen;
    seen.slice(1).forEach(({ capturedAt }, i) => assert.ok(capturedAt > seen[i]!.capturedAt, 'capture times must grow'));
    assert.ok(new Set(seen.map(({ look }) => look)).size > 2, 'the picture must move');
  }

  /**
   * Resolves when it moves again after its sender has come back, which has happened just now. An attempt that was under way may fail still; of those
   * that begin from now on, one in `attempts` has to succeed.
   */
  async returns({ attempts = 2 } = {}): Promise<void> {
    const from = this.states.length;
    await this.moves();
    const tried = this.states.slice(from).map(({ state }) => state);
    const failed = tried.filter((state) => state === 'retrying' || state === 'failed').length;
    assert.ok(failed <= attempts, `it took ${failed} attempts in vain until it was back: ${tried.join(', ')}`);
  }

  /** Resolves when so many further frames came. */
  async arrives(frames: number): Promise<void> {
    this.#seen = [];
    while (this.#seen.length < frames) await this.#next('frame', LIMIT_MS);
  }

  /** Between two frames of those that `moves` waited for last, in milliseconds: a machine that was busy for a while decides nothing. */
  get medianPause(): number {
    const pauses = this.#seen.slice(1).map(({ at }, i) => at - this.#seen[i]!.at);
    return pauses.toSorted((a, b) => a - b)[Math.floor(pauses.length / 2)]!;
  }

  /** Resolves with the problem when the session is, or gets, in one of these states. */
  async reaches(...wanted: SourceState[]): Promise<Problem | undefined> {
    while (!wanted.includes(this.#session.state)) await this.#next('state', LIMIT_MS);
    return this.states.at(-1)?.problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }

  async #next(event: 'frame' | 'state', ms: number): Promise<void> {
    await once(this, event, { signal: AbortSignal.timeout(ms) }).catch((cause: unknown) => {
      throw new Error(`No ${event} for ${ms} ms; states were ${JSON.stringify(this.states)}`, { cause });
    });
  }

  #take({ id, picture }: SourceFrame): void {
    assert.ok(picture !== undefined);
    const luma = picture.planes[0];
    let look = 0;
    for (let i = 0; i < luma.length; i += 7) look = (look * 31 + luma[i]!) | 0;
    this.#seen.push({ capturedAt: id.capturedAt, at: performance.now(), look });
    picture.release();
    this.emit('frame');
  }
}
