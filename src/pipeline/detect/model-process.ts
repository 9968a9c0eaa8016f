import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DetectError } from './detect-error.ts';
import { errorOf, FromModel, type BatchResult, type LoadedModel, type ModelOrder, type PassedOver, type ToModel } from './loaded-model.ts';
import type { InputFrame } from './model-runner.ts';

/** The program of the process. */
const ENTRY = join(import.meta.dirname, 'model-process-child.ts');
/** Milliseconds to load a model and run it once, which is when a GPU's programs are compiled. */
const START_MS = 120_000;

/**
 * One model in a process of its own, for providers whose libraries must not share one: ONNX Runtime's WebGPU provider corrupts memory
 * where two threads use it at once, and a driver that crashes takes its whole process along.
 */
export class ModelProcess implements LoadedModel {
  readonly provider: string;
  readonly skipped: readonly PassedOver[];
  /** With an error unless it was closed. */
  readonly ended: Promise<Error | undefined>;
  readonly #child: ChildProcess;
  #batches: boolean;
  #running: { resolve: (result: BatchResult) => void; reject: (error: Error) => void } | undefined;
  #closed = false;
  #reason: string | undefined;

  private constructor(child: ChildProcess, { provider, skipped, batches }: Extract<FromModel, { type: 'loaded' }>, gone: Promise<string>) {
    this.#child = child;
    this.provider = provider;
    this.skipped = skipped;
    this.#batches = batches;
    child.on('message', (message) => this.#take(message));
    this.ended = gone.then((how) => {
      const error = this.#closed ? undefined : new DetectError('run-failed', this.#reason ?? `Its process ended (${how})`);
      this.#running?.reject(error ?? new DetectError('run-failed', 'The process of the model was ended'));
      return error;
    });
  }

  /** Resolves when the model has run once. @throws DetectError where it can't, or does not within two minutes */
  static async start(order: ModelOrder): Promise<ModelProcess> {
    const { name } = order.model;
    const child = fork(ENTRY, [], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const gone = new Promise<string>((resolve) => {
      child.once('error', ({ message }) => resolve(message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, START_MS);
    // An error here means that the process has ended, which `gone` tells.
    child.send(order, () => undefined);
    const first = await Promise.race([once(child, 'message').then(([message]) => FromModel.safeParse(message).data), gone]);
    clearTimeout(timer);
    if (typeof first === 'object' && first.type === 'loaded') return new ModelProcess(child, first, gone);
    child.kill('SIGKILL');
    if (late) throw new DetectError('model-timeout', `${name} was not loaded and run within ${START_MS / 1000} s`);
    if (typeof first === 'object' && first.type === 'failed') throw errorOf(first.failure);
    throw new DetectError('model-crashed', `The process of ${name} ended while it loaded the model (${typeof first === 'string' ? first : 'no answer that can be used'})`);
  }

  get batches(): boolean {
    return this.#batches;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(frames: readonly InputFrame[]): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject };
      const message: ToModel = { frames };
      this.#child.send(message, (error) => {
        if (error !== null) reject(new DetectError('run-failed', 'The process of the model can’t be reached', { cause: error }));
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    // There is nothing that it would have to put away, and a driver may hang while it does so.
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  readonly abandon = (reason: string): void => {
    this.#reason ??= reason;
    this.#child.kill('SIGKILL');
  };

  #take(message: unknown): void {
    const answer = FromModel.safeParse(message);
    if (!answer.success) return this.abandon('It gave an answer that can’t be used');
    const running = this.#running;
    this.#running = undefined;
    if (answer.data.type === 'results') {
      this.#batches = answer.data.batches;
      running?.resolve(answer.data);
    } else if (answer.data.type === 'run-failed') {
      running?.reject(errorOf(answer.data.failure));
    }
  }
}
