import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { Box } from '../../annotation.ts';
import type { FrameId } from '../../frame.ts';
import { RateMeter, SpanMeter } from '../../../util/meter.ts';
import type { Picture } from '../../picture.ts';
import { FrameWarnings } from '../frame-warnings.ts';
import type { InputScaler } from '../input-scaler.ts';
import type { DetectorLinkStats, DetectorOutcome, DetectorState } from '../link.ts';
import { Pace } from '../pace.ts';
import { ReconnectingSocket } from '../reconnecting-socket.ts';
import type { Asked, ExternalDetector } from '../spec.ts';
import { LinkAnswer, type LinkRequest, type PoolState } from './frame-protocol.ts';
import { givenFrame, placed, type GivenFrame, type Want } from './given-frame.ts';

/** What an {@link ExternalLink} is made from. */
export interface ExternalLinkOptions {
  readonly stream: string;
  readonly detector: ExternalDetector;
  readonly logger: Logger;
  /** Shared by all links of a stream. */
  readonly scaler: InputScaler;
}

/** Measurements of an external detector on one stream. */
export interface ExternalLinkStats extends DetectorLinkStats {
  readonly workers: number;
  /** Milliseconds from taking a frame to its result, median of the last ones. */
  readonly roundTripMs: number;
  /** Frames that were taken and got no result. */
  readonly lost: number;
}

interface Pending {
  readonly crop: Box;
  readonly takenAt: number;
  readonly settle: (outcome: DetectorOutcome) => void;
}

/** Longest that frames are waited for; then the connection is given up, because its other side is stuck. Workers are given up sooner. */
const GUARD_MS = 30_000;

/**
 * One external detector of one stream, as the stream sees it. Takes a frame when somebody wants one and lets all others pass; connects
 * again, for as long as it lives, when the process of external detectors goes away.
 *
 * Emits `state` after each change of `state`.
 */
export class ExternalLink extends EventEmitter<{ state: [DetectorState] }> {
  readonly #stream: string;
  #detector: ExternalDetector;
  readonly #logger: Logger;
  readonly #warnings: FrameWarnings;
  readonly #scaler: InputScaler;
  readonly #socket: ReconnectingSocket;
  #pace: Pace;
  readonly #rate = new RateMeter();
  readonly #frames = { offered: 0, taken: 0, skipped: 0 };
  readonly #workMs = new SpanMeter(60);
  readonly #roundTripMs = new SpanMeter(60);
  readonly #wants = new Map<number, Want>();
  readonly #pending = new Map<number, Pending>();
  #state: DetectorState = 'connecting';
  #error: { code: string; message: string } | undefined;
  #workers = 0;
  #lost = 0;
  #guard: NodeJS.Timeout | undefined;

  constructor({ stream, detector, logger, scaler }: ExternalLinkOptions) {
    super();
    this.#stream = stream;
    this.#detector = detector;
    this.#logger = logger;
    this.#warnings = new FrameWarnings(logger);
    this.#scaler = scaler;
    this.#pace = new Pace(detector);
    this.#socket = new ReconnectingSocket({
      path: detector.external.socket,
      connected: () => this.#open(),
      received: (header) => this.#answer(LinkAnswer.parse(header)),
      disconnected: (cause) => this.#disconnected(cause),
    });
  }

  get name(): string {
    return this.#detector.name;
  }

  get state(): DetectorState {
    return this.#state;
  }

  stats(): ExternalLinkStats {
    return {
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      fps: this.#rate.rate(performance.now()),
      inferenceMs: this.#workMs.percentiles().p50,
      ...this.#frames,
      workers: this.#workers,
      roundTripMs: this.#roundTripMs.percentiles().p50,
      lost: this.#lost,
    };
  }

  /** Changes what is asked of it from the next frame on. */
  configure({ classes, threshold, fps, every, region }: Asked): void {
    const { name, external, ...before } = this.#detector;
    this.#detector = { name, external, classes, threshold, fps, every, region };
    if (before.fps !== fps || before.every !== every) this.#pace = new Pace({ fps, every });
  }

  /**
   * Takes the frame or lets it pass. When this returns, the picture may be changed or released.
   *
   * @returns undefined where the frame is not taken: nobody wants one, or its rate says no. Else a promise that never rejects.
   */
  offer(frame: FrameId, picture: Picture): Promise<DetectorOutcome> | undefined {
    const [want] = this.#wants;
    this.#frames.offered += 1;
    if (!this.#pace.due(frame)) return undefined;
    if (want === undefined) return this.#skip();
    const [id, wish] = want;
    let given: GivenFrame;
    try {
      given = givenFrame(this.#scaler, frame, picture, wish, this.#detector.region);
    } catch (error) {
      this.#warnings.warn(error, 'a frame could not be scaled for its detector');
      return this.#skip();
    }
    this.#pace.took(frame);
    this.#frames.taken += 1;
    this.#wants.delete(id);
    const { about, input } = given;
    return new Promise((settle) => {
      this.#pending.set(id, { crop: input.crop, takenAt: performance.now(), settle });
      this.#watch();
      this.#socket.send({ type: 'frame', id, ...about } satisfies LinkRequest, input.data, input.release);
    });
  }

  /** Idempotent. Frames that are still being looked at are lost. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#enter('closed');
    this.#socket.close();
    this.#wants.clear();
    this.#loseAll('The detector was closed');
  }

  #skip(): undefined {
    this.#frames.skipped += 1;
  }

  #open(): void {
    const { name, external } = this.#detector;
    this.#socket.send({ type: 'open', stream: this.#stream, detector: name, endpoint: external.endpoint } satisfies LinkRequest);
  }

  #disconnected(cause: Error | undefined): void {
    this.#wants.clear();
    this.#workers = 0;
    this.#loseAll(`The connection to the process of external detectors broke${cause ? `: ${cause.message}` : ''}`);
    if (this.#state !== 'connecting') this.#logger.warn({ err: cause }, 'the process of external detectors went away; waiting for it');
    this.#enter('connecting');
  }

  #answer(answer: LinkAnswer): void {
    switch (answer.type) {
      case 'state':
        this.#socket.settled();
        this.#workers = answer.workers;
        return this.#enter(answer.state, answer.error);
      case 'want':
        this.#wants.set(answer.id, answer);
        return;
      case 'unwant':
        this.#wants.delete(answer.id);
        return;
      case 'result':
        return this.#result(answer);
      case 'lost':
        this.#lost += 1;
        this.#warnings.warn({ reason: answer.reason }, 'a frame got no result');
        return this.#settle(answer.id, { status: 'lost', reason: answer.reason });
      case 'error':
        return this.#warnings.warn(answer, 'the process of external detectors refuses the connection');
    }
  }

  #result({ id, detections, workMs }: Extract<LinkAnswer, { type: 'result' }>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const now = performance.now();
    this.#rate.mark(now);
    this.#workMs.add(workMs);
    this.#roundTripMs.add(now - pending.takenAt);
    this.#settle(id, { status: 'done', ...placed(detections, this.#detector, pending.crop), inferenceMs: workMs });
  }

  #settle(id: number, outcome: DetectorOutcome): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    this.#watch();
    pending?.settle(outcome);
  }

  /** While frames are out, something has to come back. */
  #watch(): void {
    clearTimeout(this.#guard);
    if (this.#pending.size === 0) return;
    this.#guard = setTimeout(() => this.#socket.giveUp(new Error(`No answer within ${GUARD_MS / 1000} s`)), GUARD_MS);
  }

  #loseAll(reason: string): void {
    this.#lost += this.#pending.size;
    for (const id of [...this.#pending.keys()]) this.#settle(id, { status: 'lost', reason });
  }

  #enter(state: PoolState | 'connecting' | 'closed', error?: { code: string; message: string }): void {
    this.#error = error;
    if (state === this.#state) return;
    this.#state = state;
    this.#logger.info({ state, workers: this.#workers }, `external detector is ${state}`);
    this.emit('state', state);
  }
}
