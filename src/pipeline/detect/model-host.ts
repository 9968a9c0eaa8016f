import type { Logger } from 'pino';
import type { LoadedModel, PassedOver } from './loaded-model.ts';
import type { InputFrame } from './model-runner.ts';
import type { SeenObject } from './read-outputs.ts';
import { WaitingFrames, type FrameOwner } from './waiting-frames.ts';

/** A frame that waits for a model. */
export interface Job {
  readonly frame: InputFrame;
  /** @param result.batch frames that were run together with it, itself included */
  done(result: { seen: SeenObject[]; queueMs: number; inferenceMs: number; batch: number }): void;
  /** A newer frame took its place. */
  dropped(): void;
  failed(error: Error): void;
}

export interface ModelStats {
  readonly name: string;
  readonly provider: string;
  /** Providers that don't run it, and why. */
  readonly passedOver: PassedOver[];
  /** Frames in the last second. */
  readonly fps: number;
  /** Milliseconds a run, mean of the last second; 0 without one. */
  readonly inferenceMs: number;
  /** Frames a run, mean of the last second; 0 without one. */
  readonly batch: number;
}

/** A run that takes longer hangs in native code; providers that compile for a GPU take minutes for their first ones, unless these were made before. */
const HANG_MS = { cpu: 60_000, other: 900_000 };

/**
 * Frames that are run together at most, and milliseconds for which one waits for others, where that is not said. On a CPU a batch is no
 * faster than its frames one by one, and each frame of it would have its result as late as the last. WebGPU compiles anew for each size
 * of a batch, and was tried with single frames.
 */
const BATCHING = { single: { most: 1, delayMs: 0 }, other: { most: 8, delayMs: 5 } };
const SINGLE = ['cpu', 'webgpu'];

/** Runs that fail one after the other until what runs a model is taken to be broken. */
const FAILURES = 3;

interface WaitingJob extends Job {
  readonly since: number;
}

export interface ModelHostOptions {
  /** Frames that are run together at most; where absent, by what runs the model. */
  readonly maxBatch?: number | undefined;
  /** Milliseconds for which a frame waits for others to be run with, at most; where absent, by what runs the model. */
  readonly batchDelayMs?: number | undefined;
  readonly logger: Logger;
  /** Called when a run does not end: nothing but the end of the process helps. */
  readonly onHang: () => void;
  /** Providers that were passed over already. */
  readonly passedOver?: readonly PassedOver[] | undefined;
}

/**
 * One loaded model and the frames that wait for it: at most one an owner. Where the model can run several together, they leave when
 * everybody has brought one, the batch is full, or the first of them has waited for long enough.
 */
export class ModelHost {
  readonly name: string;
  /** Resolves when what runs the model has ended, by `close` or by itself; the host takes no more jobs then. */
  readonly ended: Promise<void>;
  /** Resolves when a frame has had its result. */
  readonly used: Promise<void>;
  readonly #options: ModelHostOptions;
  readonly #logger: Logger;
  readonly #passedOver: PassedOver[];
  readonly #end = Promise.withResolvers<void>();
  readonly #use = Promise.withResolvers<void>();
  #loaded: LoadedModel;
  /** The run that is under way, or the last. */
  #run: Promise<void> = Promise.resolve();
  #failures = 0;
  readonly #waiting = new WaitingFrames<WaitingJob>();
  /** Ends the wait for more frames, if there are enough. */
  #gathering: (() => void) | undefined;
  #running = false;
  #closed = false;
  #runs = 0;
  #frames = 0;
  #busyMs = 0;

  constructor(name: string, loaded: LoadedModel, options: ModelHostOptions) {
    this.name = name;
    this.#options = options;
    this.#logger = options.logger;
    this.#passedOver = [...(options.passedOver ?? [])];
    this.ended = this.#end.promise;
    this.used = this.#use.promise;
    this.#loaded = loaded;
    this.#follow(loaded);
  }

  get provider(): string {
    return this.#loaded.provider;
  }

  get batches(): boolean {
    return this.#loaded.batches;
  }

  /** Says why a provider does not run the model. */
  passOver(passedOver: PassedOver): void {
    this.#passedOver.push(passedOver);
  }

  /** Has another run the model from now on, without losing a frame. Resolves when the one that ran it until now is closed. */
  async replace(next: LoadedModel): Promise<void> {
    if (this.#closed) return next.close();
    const before = this.#loaded;
    this.#loaded = next;
    this.#failures = 0;
    this.#follow(next);
    await this.#run;
    await before.close();
  }

  /** @param owner whose frame it is; its older one, if it still waits, is dropped */
  submit(owner: FrameOwner, job: Job): void {
    if (this.#closed) return job.failed(new Error(`The model ${this.name} was unloaded`));
    const since = performance.now();
    this.#waiting.put(owner, { ...job, since }, since)?.dropped();
    this.#gathering?.();
    if (!this.#running) void this.#work();
  }

  /** It brings no more frames; the one that waits, if any, is not wanted any more. */
  withdraw(owner: FrameOwner): void {
    this.#waiting.leave(owner);
    this.#gathering?.();
  }

  /** What happened since the last call, which is taken to be a second ago. */
  takeStats(): ModelStats {
    const { name, provider } = this;
    const passedOver = [...this.#passedOver];
    const [runs, frames, busyMs] = [this.#runs, this.#frames, this.#busyMs];
    this.#runs = this.#frames = this.#busyMs = 0;
    return { name, provider, passedOver, fps: frames, inferenceMs: runs === 0 ? 0 : busyMs / runs, batch: runs === 0 ? 0 : frames / runs };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#loaded.close();
    await this.ended;
  }

  #follow(loaded: LoadedModel): void {
    void loaded.ended.then((error) => {
      if (loaded !== this.#loaded) return;
      if (!this.#closed) this.#logger.error({ err: error, model: this.name, provider: loaded.provider }, 'what ran a model ended by itself');
      this.#closed = true;
      for (const job of this.#waiting.clear()) job.failed(new Error(`The model ${this.name} was unloaded`));
      this.#gathering?.();
      this.#end.resolve();
    });
  }

  get #maxBatch(): number {
    return this.#options.maxBatch ?? this.#usual.most;
  }

  get #batchDelayMs(): number {
    return this.#options.batchDelayMs ?? this.#usual.delayMs;
  }

  get #usual(): { readonly most: number; readonly delayMs: number } {
    return SINGLE.includes(this.provider) ? BATCHING.single : BATCHING.other;
  }

  async #work(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0 && !this.#closed) {
      if (!this.#enough()) await this.#gathered();
      const batch = this.#waiting.take(this.batches ? this.#maxBatch : 1);
      if (batch.length > 0) await (this.#run = this.#runTogether(batch));
    }
    this.#running = false;
  }

  /** Whether nothing is gained by waiting for more frames. */
  #enough(): boolean {
    return !this.batches || this.#waiting.complete || this.#waiting.size >= this.#maxBatch || this.#leftMs <= 0 || this.#closed;
  }

  /** Milliseconds for which the first frame may still wait for others. */
  get #leftMs(): number {
    return this.#waiting.since + this.#batchDelayMs - performance.now();
  }

  /** Resolves when there are frames enough. */
  #gathered(): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#gathering = undefined;
        resolve();
      };
      const timer = setTimeout(end, this.#leftMs);
      this.#gathering = () => {
        if (this.#enough()) end();
      };
    });
  }

  async #runTogether(jobs: readonly WaitingJob[]): Promise<void> {
    const loaded = this.#loaded;
    const startedAt = performance.now();
    const watch = setTimeout(() => this.#hangs(loaded), loaded.provider === 'cpu' || loaded.abandon !== undefined ? HANG_MS.cpu : HANG_MS.other);
    try {
      const { results, inferenceMs } = await loaded.run(jobs.map(({ frame }) => frame));
      this.#runs += 1;
      this.#frames += jobs.length;
      this.#busyMs += inferenceMs;
      this.#failures = 0;
      jobs.forEach((job, i) => job.done({ seen: results[i] ?? [], queueMs: startedAt - job.since, inferenceMs, batch: jobs.length }));
      this.#use.resolve();
    } catch (error) {
      for (const job of jobs) job.failed(error instanceof Error ? error : new Error(String(error)));
      this.#failures += 1;
      if (this.#failures >= FAILURES) loaded.abandon?.(`${FAILURES} frames failed one after the other: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearTimeout(watch);
    }
  }

  #hangs(loaded: LoadedModel): void {
    this.#logger.fatal({ model: this.name, provider: loaded.provider }, 'a run of a model hangs');
    if (loaded.abandon === undefined) this.#options.onHang();
    else loaded.abandon('A run hangs');
  }
}
