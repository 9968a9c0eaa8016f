/**
 * A thread of the detector process that owns one model: ONNX Runtime works synchronously, and must not keep the process from reading
 * frames and answering.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { ModelOrder } from './loaded-model.ts';
import { ModelRunner } from './model-runner.ts';
import { serveModel } from './serve-model.ts';

const { model, options } = workerData as ModelOrder;
const port = parentPort!;

await serveModel(() => ModelRunner.load(model, options), {
  say: (message) => port.postMessage(message),
  listen: (take) => void port.on('message', take),
});
