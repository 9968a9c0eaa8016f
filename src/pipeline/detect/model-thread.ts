import { Worker } from 'node:worker_threads';
import { DetectError, type DetectErrorCode } from './detect-error.ts';
import type { InputFrame } from './model-runner.ts';
import type { LoadedSession, SessionOptions } from './onnx-runtime.ts';
import type { SeenObject } from './read-outputs.ts';
import type { ResolvedModel } from './spec.ts';

export interface ModelThreadData {
  readonly model: ResolvedModel;
  readonly options: SessionOptions;
}

interface Failure {
  readonly code: DetectErrorCode;
  readonly message: string;
}

export interface ToModelThread {
  readonly frames: readonly InputFrame[];
}

export type FromModelThread =
  | { readonly type: 'loaded'; readonly provider: string; readonly skipped: LoadedSession['skipped']; readonly batches: boolean }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'results'; readonly results: SeenObject[][]; readonly inferenceMs: number; readonly batches: boolean }
  | { readonly type: 'run-failed'; readonly failure: Failure };

/** An error in a form that can go to another thread. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DetectError) return { code: error.code, message: error.message };
  return { code: 'run-failed', message: error instanceof Error ? error.message : String(error) };
}

export interface BatchResult {
  /** One entry a frame, in their order. */
  readonly results: SeenObject[][];
  /** Milliseconds for all frames together: preparing, running and reading. */
  readonly inferenceMs: number;
}

/** One model in a thread of its own. */
export class ModelThread {
  readonly provider: string;
  readonly skipped: LoadedSession['skipped'];
  /** Settled when the thread has ended, with the error that ended it, if any. */
  readonly ended: Promise<Error | undefined>;
  readonly #worker: Worker;
  #batches: boolean;
  #running: { resolve: (result: BatchResult) => void; reject: (error: Error) => void } | undefined;

  private constructor(worker: Worker, loaded: Extract<FromModelThread, { type: 'loaded' }>, ended: Promise<Error | undefined>) {
    this.#worker = worker;
    this.provider = loaded.provider;
    this.skipped = loaded.skipped;
    this.#batches = loaded.batches;
    this.ended = ended;
    worker.on('message', (message: FromModelThread) => this.#take(message));
    void ended.then((error) => this.#running?.reject(new DetectError('run-failed', 'The thread of the model ended', { cause: error })));
  }

  /** @throws DetectError where the model can't be loaded */
  static async start(data: ModelThreadData): Promise<ModelThread> {
    const worker = new Worker(new URL('./model-worker.ts', import.meta.url), { workerData: data });
    const ended = new Promise<Error | undefined>((resolve) => {
      worker.once('error', (error: Error) => resolve(error));
      worker.once('exit', () => resolve(undefined));
    });
    const first = new Promise<FromModelThread>((resolve) => worker.once('message', resolve));
    const message = await Promise.race([first, ended]);
    if (message !== undefined && 'type' in message && message.type === 'loaded') return new ModelThread(worker, message, ended);
    await worker.terminate();
    if (message !== undefined && 'type' in message && message.type === 'failed') {
      throw new DetectError(message.failure.code, message.failure.message);
    }
    throw new DetectError('model-invalid', `The thread of ${data.model.name} ended while it loaded the model`, { cause: message });
  }

  /** Whether several frames can be run at once. */
  get batches(): boolean {
    return this.#batches;
  }

  /**
   * Takes over the pictures' memory. Calls must not overlap.
   * @throws DetectError where the frames have no result
   */
  run(frames: readonly InputFrame[]): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject };
      const message: ToModelThread = { frames };
      this.#worker.postMessage(message, frames.map(({ picture }) => picture.buffer as ArrayBuffer));
    });
  }

  /** Ends the thread; a run that is under way fails. Idempotent. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(message: FromModelThread): void {
    const running = this.#running;
    this.#running = undefined;
    if (message.type === 'results') {
      this.#batches = message.batches;
      running?.resolve(message);
    } else if (message.type === 'run-failed') {
      running?.reject(new DetectError(message.failure.code, message.failure.message));
    }
  }
}
