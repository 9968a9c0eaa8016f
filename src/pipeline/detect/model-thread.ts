import { Worker } from 'node:worker_threads';
import { DetectError } from './detect-error.ts';
import { errorOf, type BatchResult, type FromModel, type LoadedModel, type ModelOrder, type PassedOver, type ToModel } from './loaded-model.ts';
import type { InputFrame } from './model-runner.ts';

/** One model in a thread of its own. */
export class ModelThread implements LoadedModel {
  readonly provider: string;
  readonly skipped: readonly PassedOver[];
  readonly ended: Promise<Error | undefined>;
  readonly #worker: Worker;
  #batches: boolean;
  #running: { resolve: (result: BatchResult) => void; reject: (error: Error) => void } | undefined;

  private constructor(worker: Worker, loaded: Extract<FromModel, { type: 'loaded' }>, ended: Promise<Error | undefined>) {
    this.#worker = worker;
    this.provider = loaded.provider;
    this.skipped = loaded.skipped;
    this.#batches = loaded.batches;
    this.ended = ended;
    worker.on('message', (message: FromModel) => this.#take(message));
    void ended.then((error) => this.#running?.reject(new DetectError('run-failed', 'The thread of the model ended', { cause: error })));
  }

  /** @throws DetectError where the model can't be loaded */
  static async start(order: ModelOrder): Promise<ModelThread> {
    const worker = new Worker(new URL('./model-worker.ts', import.meta.url), { workerData: order });
    const ended = new Promise<Error | undefined>((resolve) => {
      worker.once('error', (error: Error) => resolve(error));
      worker.once('exit', () => resolve(undefined));
    });
    const first = new Promise<FromModel>((resolve) => worker.once('message', resolve));
    const message = await Promise.race([first, ended]);
    if (message !== undefined && 'type' in message && message.type === 'loaded') return new ModelThread(worker, message, ended);
    await worker.terminate();
    if (message !== undefined && 'type' in message && message.type === 'failed') throw errorOf(message.failure);
    throw new DetectError('model-invalid', `The thread of ${order.model.name} ended while it loaded the model`, { cause: message });
  }

  get batches(): boolean {
    return this.#batches;
  }

  run(frames: readonly InputFrame[]): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject };
      const message: ToModel = { frames };
      this.#worker.postMessage(message, frames.map(({ picture }) => picture.buffer as ArrayBuffer));
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(message: FromModel): void {
    const running = this.#running;
    this.#running = undefined;
    if (message.type === 'results') {
      this.#batches = message.batches;
      running?.resolve(message);
    } else if (message.type === 'run-failed') {
      running?.reject(errorOf(message.failure));
    }
  }
}
