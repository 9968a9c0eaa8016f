/**
 * A thread of the detector process that owns one model: ONNX Runtime works synchronously, and must not keep the process from reading
 * frames and answering.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { ModelRunner } from './model-runner.ts';
import { failureOf, type FromModelThread, type ModelThreadData, type ToModelThread } from './model-thread.ts';

const { model, options } = workerData as ModelThreadData;
const port = parentPort!;
const say = (message: FromModelThread): void => port.postMessage(message);

try {
  const runner = await ModelRunner.load(model, options);
  say({ type: 'loaded', provider: runner.provider, skipped: runner.skipped, batches: runner.batches });
  // The thread that owns this one sends the next frames when it has the results of the last.
  port.on('message', (message: ToModelThread) => void run(runner, message));
} catch (error) {
  say({ type: 'failed', failure: failureOf(error) });
}

async function run(runner: ModelRunner, { frames }: ToModelThread): Promise<void> {
  const startedAt = performance.now();
  try {
    const results = await runner.run(frames);
    say({ type: 'results', results, inferenceMs: performance.now() - startedAt, batches: runner.batches });
  } catch (error) {
    say({ type: 'run-failed', failure: failureOf(error) });
  }
}
