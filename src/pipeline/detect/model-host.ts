import type { Logger } from 'pino';
import type { InputFrame } from './model-runner.ts';
import type { ModelThread } from './model-thread.ts';
import type { SeenObject } from './read-outputs.ts';

/** A frame that waits for a model. */
export interface Job {
  readonly frame: InputFrame;
  done(result: { seen: SeenObject[]; queueMs: number; inferenceMs: number }): void;
  /** A newer frame took its place. */
  dropped(): void;
  failed(error: Error): void;
}

export interface ModelStats {
  readonly name: string;
  readonly provider: string;
  /** Frames in the last second. */
  readonly fps: number;
  /** Milliseconds a run, mean of the last second; 0 without one. */
  readonly inferenceMs: number;
  /** Frames a run, mean of the last second; 0 without one. */
  readonly batch: number;
}

/** A run that takes longer hangs in native code; providers that compile for a GPU take minutes for their first ones. */
const HANG_MS = { cpu: 60_000, other: 900_000 };

/**
 * One loaded model and the frames that wait for it: at most one a client. Those that wait when the model gets free are run together
 * where the model can do that.
 */
export class ModelHost {
  readonly name: string;
  /** Resolves when the model's thread has ended, by `close` or by itself; the host takes no more jobs then. */
  readonly ended: Promise<void>;
  readonly #thread: ModelThread;
  readonly #logger: Logger;
  readonly #maxBatch: number;
  readonly #onHang: () => void;
  readonly #waiting = new Map<object, Job & { readonly since: number }>();
  #running = false;
  #closed = false;
  #runs = 0;
  #frames = 0;
  #busyMs = 0;

  /** @param options.onHang called when a run does not end: nothing but the end of the process helps */
  constructor(name: string, thread: ModelThread, options: { maxBatch: number; logger: Logger; onHang: () => void }) {
    this.name = name;
    this.#thread = thread;
    this.#maxBatch = options.maxBatch;
    this.#logger = options.logger;
    this.#onHang = options.onHang;
    this.ended = thread.ended.then((error) => {
      if (!this.#closed) this.#logger.error({ err: error, model: name }, 'the thread of a model ended by itself');
      this.#closed = true;
      for (const job of this.#waiting.values()) job.failed(new Error(`The model ${name} was unloaded`));
      this.#waiting.clear();
    });
  }

  get provider(): string {
    return this.#thread.provider;
  }

  get batches(): boolean {
    return this.#thread.batches;
  }

  /** @param client whose frame it is; its older one, if it still waits, is dropped */
  submit(client: object, job: Job): void {
    if (this.#closed) return job.failed(new Error(`The model ${this.name} was unloaded`));
    // The newer frame keeps the older one's place in the row, so that a fast client doesn't starve.
    this.#waiting.get(client)?.dropped();
    this.#waiting.set(client, { ...job, since: performance.now() });
    if (!this.#running) void this.#work();
  }

  /** Its frame, if it waits, is not wanted any more. */
  withdraw(client: object): void {
    this.#waiting.delete(client);
  }

  /** What happened since the last call, which is taken to be a second ago. */
  takeStats(): ModelStats {
    const { name, provider } = this;
    const [runs, frames, busyMs] = [this.#runs, this.#frames, this.#busyMs];
    this.#runs = this.#frames = this.#busyMs = 0;
    return { name, provider, fps: frames, inferenceMs: runs === 0 ? 0 : busyMs / runs, batch: runs === 0 ? 0 : frames / runs };
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#thread.close();
    await this.ended;
  }

  async #work(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0 && !this.#closed) {
      const batch = [...this.#waiting].slice(0, this.batches ? this.#maxBatch : 1);
      for (const [client] of batch) this.#waiting.delete(client);
      await this.#run(batch.map(([, job]) => job));
    }
    this.#running = false;
  }

  async #run(jobs: readonly (Job & { readonly since: number })[]): Promise<void> {
    const startedAt = performance.now();
    const watch = setTimeout(
      () => {
        this.#logger.fatal({ model: this.name }, 'a run of a model hangs');
        this.#onHang();
      },
      this.provider === 'cpu' ? HANG_MS.cpu : HANG_MS.other,
    );
    try {
      const { results, inferenceMs } = await this.#thread.run(jobs.map(({ frame }) => frame));
      this.#runs += 1;
      this.#frames += jobs.length;
      this.#busyMs += inferenceMs;
      jobs.forEach((job, i) => job.done({ seen: results[i] ?? [], queueMs: startedAt - job.since, inferenceMs }));
    } catch (error) {
      for (const job of jobs) job.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(watch);
    }
  }
}
