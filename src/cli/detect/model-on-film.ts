import type { Taken } from '../../pipeline/compose/composer.ts';
import type { Attach } from '../../pipeline/compose/options.ts';
import { frameBox } from '../../pipeline/detect/frame-box.ts';
import type { InputScaler } from '../../pipeline/detect/input-scaler.ts';
import type { DetectorOutcome } from '../../pipeline/detect/link.ts';
import { ModelRunner } from '../../pipeline/detect/model-runner.ts';
import { Pace } from '../../pipeline/detect/pace.ts';
import { leastAsked, sift } from '../../pipeline/detect/sift.ts';
import type { ResolvedDetector } from '../../pipeline/detect/spec.ts';
import type { FrameId } from '../../pipeline/frame.ts';
import type { Picture } from '../../pipeline/picture.ts';
import type { FilmDetector, Seen } from './film-detector.ts';

/** Runs a model over a film. */
export class ModelOnFilm implements FilmDetector {
  readonly seen: Seen = { frames: 0, objects: 0, busyMs: 0 };
  /** Always: frames are queued here. */
  readonly free = true;
  readonly #detector: ResolvedDetector;
  readonly #runner: ModelRunner;
  readonly #scaler: InputScaler;
  readonly #pace: Pace;
  /** Runs of a model must not overlap. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(detector: ResolvedDetector, runner: ModelRunner, scaler: InputScaler) {
    this.#detector = detector;
    this.#runner = runner;
    this.#scaler = scaler;
    this.#pace = new Pace(detector);
  }

  /** @throws DetectError */
  static async load(detector: ResolvedDetector, scaler: InputScaler, threads: number): Promise<ModelOnFilm> {
    return new ModelOnFilm(detector, await ModelRunner.load(detector.model, { threads, providers: ['cpu'] }), scaler);
  }

  get name(): string {
    return this.#detector.name;
  }

  get attach(): Attach | undefined {
    return this.#detector.attach;
  }

  untilFree(): Promise<void> {
    return Promise.resolve();
  }

  offer(id: FrameId, picture: Picture, failed: (error: unknown) => void): Taken | undefined {
    if (!this.#pace.due(id)) return undefined;
    this.#pace.took(id);
    const { model, region, threshold = model.manifest.threshold, classes } = this.#detector;
    const input = this.#scaler.scale(id, picture, { ...model.manifest.input, region });
    const outcome = this.#last.then(async (): Promise<DetectorOutcome> => {
      const startedAt = performance.now();
      try {
        const [found = []] = await this.#runner.run([{ picture: input.data, content: input.content, threshold: leastAsked(threshold), classes }]);
        const inferenceMs = performance.now() - startedAt;
        this.seen.frames += 1;
        this.seen.busyMs += inferenceMs;
        const all = found.map(({ label, score, box }) => ({ detector: this.name, label, score, box: frameBox(box, input.crop) }));
        const sifted = sift(all, threshold);
        this.seen.objects += sifted.detections.length;
        return { status: 'done', ...sifted, inferenceMs };
      } catch (error) {
        failed(error);
        return { status: 'lost', reason: String(error) };
      } finally {
        input.release();
      }
    });
    this.#last = outcome;
    return { detector: this.name, outcome };
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#runner.release();
  }
}
