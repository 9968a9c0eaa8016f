import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Box } from '../annotation.ts';
import type { FrameId } from '../frame.ts';
import { RateMeter, SpanMeter } from '../../util/meter.ts';
import type { Picture } from '../picture.ts';
import { frameBox } from './frame-box.ts';
import { FrameWarnings } from './frame-warnings.ts';
import type { InputScaler, ScaledInput } from './input-scaler.ts';
import { Pace } from './pace.ts';
import { DetectorAnswer, type DetectorRequest } from './protocol.ts';
import { ReconnectingSocket } from './reconnecting-socket.ts';
import { leastAsked, sift, type Sifted } from './sift.ts';
import type { Asked, ResolvedDetector } from './spec.ts';

/**
 * `connecting`: no detector process yet. `loading`: it loads the model. `waiting`: no worker of an external detector is there. `ready`:
 * takes frames. `failed`: the model or endpoint can't be used; it is tried again now and then. `closed`: over.
 */
export type DetectorState = 'connecting' | 'loading' | 'waiting' | 'ready' | 'failed' | 'closed';

/** What became of a frame that a detector took. */
export type DetectorOutcome =
  | ({ readonly status: 'done'; readonly inferenceMs: number } & Sifted)
  | { readonly status: 'lost'; readonly reason: string };

export interface DetectorLinkStats {
  readonly state: DetectorState;
  readonly error?: { readonly code: string; readonly message: string };
  /** Results in the last second. */
  readonly fps: number;
  /** Milliseconds, median of the last results. */
  readonly inferenceMs: number;
  /** Frames of the stream; those that were looked at; those that were due and passed because it was busy or not there. Since it runs. */
  readonly offered: number;
  readonly taken: number;
  readonly skipped: number;
  /** Milliseconds that a frame waited for the model, median of the last results; and frames that were run together, mean of them. */
  readonly queueMs?: number;
  readonly batch?: number;
}

export interface DetectorLinkOptions {
  readonly stream: string;
  readonly detector: ResolvedDetector;
  /** The detector process's unix socket; it need not exist yet. */
  readonly socketPath: string;
  readonly logger: Logger;
  /** Shared by all links of a stream. */
  readonly scaler: InputScaler;
}

interface Pending {
  readonly id: number;
  readonly crop: Box;
  readonly threshold: number;
  readonly settle: (outcome: DetectorOutcome) => void;
}

/** A failed model is tried again: its file may have been mended. */
const REOPEN_MS = 10_000;
/** Longest that a frame is waited for; then the connection is given up, because its other side is stuck. */
const GUARD_MS = 10_000;
/** Results that medians and means are taken over. */
const RECENT = 60;

/**
 * One detector of one stream, as the stream sees it. Takes a frame when the detector is free and lets all others pass; connects
 * again, for as long as it lives, when the detector process goes away.
 *
 * Emits `state` after each change of `state`.
 */
export class DetectorLink extends EventEmitter<{ state: [DetectorState] }> {
  #detector: ResolvedDetector;
  readonly #stream: string;
  readonly #logger: Logger;
  readonly #warnings: FrameWarnings;
  readonly #scaler: InputScaler;
  readonly #socket: ReconnectingSocket;
  #pace: Pace;
  readonly #rate = new RateMeter();
  readonly #spans = new SpanMeter(RECENT);
  readonly #queues = new SpanMeter(RECENT);
  readonly #batches = new SpanMeter(RECENT);
  readonly #frames = { offered: 0, taken: 0, skipped: 0 };
  #state: DetectorState = 'connecting';
  #error: { code: string; message: string } | undefined;
  #pending: Pending | undefined;
  #requests = 0;
  #reopening: NodeJS.Timeout | undefined;
  #guard: NodeJS.Timeout | undefined;

  constructor(options: DetectorLinkOptions) {
    super();
    this.#detector = options.detector;
    this.#pace = new Pace(options.detector);
    this.#stream = options.stream;
    this.#logger = options.logger;
    this.#warnings = new FrameWarnings(options.logger);
    this.#scaler = options.scaler;
    this.#checkClasses();
    this.#socket = new ReconnectingSocket({
      path: options.socketPath,
      connected: () => this.#open(),
      received: (header) => this.#answer(DetectorAnswer.parse(header)),
      disconnected: (cause) => this.#disconnected(cause),
    });
  }

  get name(): string {
    return this.#detector.name;
  }

  get state(): DetectorState {
    return this.#state;
  }

  /** Why the state is `failed`. */
  get error(): { readonly code: string; readonly message: string } | undefined {
    return this.#error;
  }

  stats(): DetectorLinkStats {
    return {
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      fps: this.#rate.rate(performance.now()),
      inferenceMs: this.#spans.percentiles().p50,
      ...this.#frames,
      queueMs: this.#queues.percentiles().p50,
      batch: this.#batches.mean,
    };
  }

  /** Changes what is asked of the model from the next frame on. */
  configure({ classes, threshold, fps, every, region }: Asked): void {
    const { name, model, ...before } = this.#detector;
    this.#detector = { name, model, classes, threshold, fps, every, region };
    if (before.fps !== fps || before.every !== every) this.#pace = new Pace({ fps, every });
    this.#checkClasses();
  }

  /**
   * Takes the frame or lets it pass. When this returns, the picture may be changed or released.
   *
   * @returns undefined where the frame is not taken: the detector is busy or not ready, or its rate says no. Else a promise that
   *   never rejects.
   */
  offer(id: FrameId, picture: Picture): Promise<DetectorOutcome> | undefined {
    this.#frames.offered += 1;
    if (!this.#pace.due(id)) return undefined;
    if (this.#state !== 'ready' || this.#pending !== undefined) return this.#skip();
    let input: ScaledInput;
    try {
      const { region } = this.#detector;
      input = this.#scaler.scale(id, picture, { ...this.#detector.model.manifest.input, region });
    } catch (error) {
      this.#warnings.warn(error, 'a frame could not be scaled for its detector');
      return this.#skip();
    }
    this.#pace.took(id);
    this.#frames.taken += 1;
    return new Promise((settle) => {
      this.#requests += 1;
      const { classes, model, threshold = model.manifest.threshold } = this.#detector;
      this.#pending = { id: this.#requests, crop: input.crop, threshold, settle };
      this.#guard = setTimeout(() => this.#socket.giveUp(new Error(`No answer within ${GUARD_MS / 1000} s`)), GUARD_MS);
      const request: DetectorRequest = { type: 'infer', id: this.#requests, content: input.content, threshold: leastAsked(threshold), classes };
      this.#socket.send(request, input.data, input.release);
    });
  }

  /** Idempotent. A frame that is still being looked at is lost. */
  close(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#reopening);
    this.#enter('closed');
    this.#socket.close();
    this.#settle({ status: 'lost', reason: 'The detector was closed' });
  }

  #skip(): undefined {
    this.#frames.skipped += 1;
  }

  #checkClasses(): void {
    const { classes = [], model } = this.#detector;
    const strange = classes.filter((label) => !model.manifest.labels.includes(label));
    if (strange.length > 0) this.#logger.warn({ model: model.name, classes: strange }, 'the model does not know these classes');
  }

  #open(): void {
    this.#enter('loading');
    this.#socket.send({ type: 'open', stream: this.#stream, model: this.#detector.model } satisfies DetectorRequest);
  }

  #disconnected(cause: Error | undefined): void {
    clearTimeout(this.#reopening);
    this.#settle({ status: 'lost', reason: `The connection to the detector process broke${cause ? `: ${cause.message}` : ''}` });
    if (this.#state !== 'connecting') this.#logger.warn({ err: cause }, 'the detector process went away; waiting for it');
    this.#enter('connecting');
  }

  #answer(answer: DetectorAnswer): void {
    switch (answer.type) {
      case 'opened':
        this.#socket.settled();
        this.#logger.info({ model: this.#detector.model.name, provider: answer.provider }, 'detector ready');
        return this.#enter('ready');
      case 'result': {
        const pending = this.#pending;
        if (pending?.id !== answer.id) return;
        this.#rate.mark(performance.now());
        this.#spans.add(answer.inferenceMs);
        this.#queues.add(answer.queueMs);
        this.#batches.add(answer.batch);
        const found = answer.detections.map(({ label, score, box }) => {
          return { detector: this.name, label, score, box: frameBox(box, pending.crop) };
        });
        return this.#settle({ status: 'done', ...sift(found, pending.threshold), inferenceMs: answer.inferenceMs });
      }
      case 'dropped':
        return this.#lost(answer.id, 'A newer frame took its place');
      case 'error':
        if (answer.id === undefined) return this.#failed(answer);
        this.#warnings.warn(answer, 'a frame got no result');
        return this.#lost(answer.id, answer.message);
    }
  }

  #failed({ code, message }: { code: string; message: string }): void {
    this.#logger.error({ model: this.#detector.model.name, code }, message);
    this.#reopening = setTimeout(() => this.#open(), REOPEN_MS);
    this.#enter('failed', { code, message });
  }

  #lost(id: number, reason: string): void {
    if (this.#pending?.id === id) this.#settle({ status: 'lost', reason });
  }

  #settle(outcome: DetectorOutcome): void {
    clearTimeout(this.#guard);
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.settle(outcome);
  }

  #enter(state: DetectorState, error?: { code: string; message: string }): void {
    this.#error = error;
    if (state === this.#state) return;
    this.#state = state;
    this.emit('state', state);
  }
}
