import { EventEmitter, once } from 'node:events';
import type { Box } from '../../pipeline/annotation.ts';
import type { Taken } from '../../pipeline/compose/composer.ts';
import type { Attach } from '../../pipeline/compose/options.ts';
import type { Endpoint } from '../../pipeline/detect/external/endpoint.ts';
import { givenFrame, placed, type Want } from '../../pipeline/detect/external/given-frame.ts';
import type { Pool } from '../../pipeline/detect/external/pool.ts';
import type { Detected, PoolProblem, StreamPort } from '../../pipeline/detect/external/ports.ts';
import type { Pools } from '../../pipeline/detect/external/pools.ts';
import type { InputScaler } from '../../pipeline/detect/input-scaler.ts';
import type { DetectorOutcome } from '../../pipeline/detect/link.ts';
import { Pace } from '../../pipeline/detect/pace.ts';
import type { Asked } from '../../pipeline/detect/spec.ts';
import type { FrameId } from '../../pipeline/frame.ts';
import type { Picture } from '../../pipeline/picture.ts';
import { DetectRunError } from './detect-run-error.ts';
import type { FilmDetector, Seen } from './film-detector.ts';

/** A detector that runs outside this program. */
export interface OutsideDetector extends Asked {
  readonly name: string;
  readonly endpoint: Endpoint;
}

interface OnItsWay {
  readonly seq: number;
  readonly crop: Box;
  readonly release: () => void;
  readonly settle: (outcome: DetectorOutcome) => void;
  readonly failed: (error: unknown) => void;
}

/** Runs an external algorithm over a film: sends a frame whenever it asks for one, and waits for it. A frame without a result ends the run. */
export class OutsideOnFilm implements FilmDetector, StreamPort {
  readonly seen: Seen = { frames: 0, objects: 0, busyMs: 0 };
  readonly #detector: OutsideDetector;
  readonly #stream: string;
  readonly #scaler: InputScaler;
  readonly #pools: Pools;
  readonly #pool: Pool;
  readonly #pace: Pace;
  readonly #events = new EventEmitter<{ want: [] }>();
  readonly #wants = new Map<number, Want>();
  readonly #onTheirWay = new Map<number, OnItsWay>();
  #problem: PoolProblem | undefined;

  /** @param stream the stream id sent with the frames */
  constructor(detector: OutsideDetector, stream: string, pools: Pools, scaler: InputScaler) {
    this.#detector = detector;
    this.#stream = stream;
    this.#scaler = scaler;
    this.#pools = pools;
    this.#pace = new Pace(detector);
    this.#pool = pools.use(detector.name, detector.endpoint, this);
  }

  get name(): string {
    return this.#detector.name;
  }

  get attach(): Attach | undefined {
    return this.#detector.attach;
  }

  get free(): boolean {
    return this.#wants.size > 0;
  }

  async untilFree(signal: AbortSignal): Promise<void> {
    if (!this.free && !signal.aborted) await once(this.#events, 'want', { signal }).catch(() => undefined);
  }

  offer(frame: FrameId, picture: Picture, failed: (error: unknown) => void): Taken | undefined {
    const [want] = this.#wants;
    if (want === undefined || !this.#pace.due(frame)) return undefined;
    this.#pace.took(frame);
    const [id, wish] = want;
    this.#wants.delete(id);
    const { about, input } = givenFrame(this.#scaler, frame, picture, wish, this.#detector.region);
    const outcome = new Promise<DetectorOutcome>((settle) => {
      this.#onTheirWay.set(id, { seq: frame.seq, crop: input.crop, release: input.release, settle, failed });
      this.#pool.frame(this, id, { stream: this.#stream, ...about, picture: input.data });
    });
    return { detector: this.name, outcome };
  }

  /** Disconnects a worker of this detector; stops posting to an endpoint. */
  close(): Promise<void> {
    this.#pools.release(this.#pool, this);
    return Promise.resolve();
  }

  state(_state: string, _workers: number, problem?: PoolProblem): void {
    this.#problem = problem;
  }

  want(id: number, choice: Want): void {
    this.#wants.set(id, choice);
    this.#events.emit('want');
  }

  unwant(id: number): void {
    this.#wants.delete(id);
  }

  result(id: number, detections: Detected[], workMs: number): void {
    const frame = this.#take(id);
    if (frame === undefined) return;
    const wanted = placed(detections, this.#detector, frame.crop);
    this.seen.frames += 1;
    this.seen.objects += wanted.detections.length;
    this.seen.busyMs += workMs;
    frame.settle({ status: 'done', ...wanted, inferenceMs: workMs });
  }

  lost(id: number, reason: string): void {
    const frame = this.#take(id);
    if (frame === undefined) return;
    frame.failed(new DetectRunError(`“${this.name}” gave no result for frame ${frame.seq}: ${this.#problem?.message ?? reason}`));
    frame.settle({ status: 'lost', reason });
  }

  #take(id: number): OnItsWay | undefined {
    const frame = this.#onTheirWay.get(id);
    this.#onTheirWay.delete(id);
    frame?.release();
    return frame;
  }
}
