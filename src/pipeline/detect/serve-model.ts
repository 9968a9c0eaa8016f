import { failureOf, type FromModel, type ToModel } from './loaded-model.ts';
import type { ModelRunner } from './model-runner.ts';

/** The channel to whatever owns a model: another thread, or another process. */
export interface ModelChannel {
  readonly say: (message: FromModel) => void;
  /** Has a function called with each request. */
  readonly listen: (take: (message: ToModel) => void) => void;
}

/** Loads a model and answers requests for as long as the channel is there. */
export async function serveModel(load: () => Promise<ModelRunner>, { say, listen }: ModelChannel): Promise<void> {
  try {
    const runner = await load();
    // The owner sends the next frames when it has the results of the last.
    listen((message) => void run(runner, message).then(say));
    say({ type: 'loaded', provider: runner.provider, skipped: [...runner.skipped], batches: runner.batches });
  } catch (error) {
    say({ type: 'failed', failure: failureOf(error) });
  }
}

async function run(runner: ModelRunner, { frames }: ToModel): Promise<FromModel> {
  const startedAt = performance.now();
  try {
    const results = await runner.run(frames);
    return { type: 'results', results, inferenceMs: performance.now() - startedAt, batches: runner.batches };
  } catch (error) {
    return { type: 'run-failed', failure: failureOf(error) };
  }
}
