import { z } from 'zod';
import { PassedOver } from './loaded-model.ts';

/** How a detector process is to run: its one command-line argument, as JSON. */
export const DetectorOptions = z.strictObject({
  /** Path of the unix socket that it listens on. */
  socket: z.string().min(1),
  /** Threads that one run of a model uses. */
  threads: z.number().int().min(1).max(256).default(1),
  /** Execution providers in the order of preference, as ONNX Runtime names them; those that don't work are skipped. Without `cpu`, a right one that is slower than that is used too. */
  providers: z.array(z.string().min(1)).min(1).default(['tensorrt', 'cuda', 'webgpu', 'cpu']),
  /** Frames of several streams that are run together at most; where absent, 1 on a CPU and by WebGPU, and 8 elsewhere. */
  maxBatch: z.number().int().min(1).max(64).optional(),
  /** Milliseconds for which a frame waits for others to be run with, at most; where absent, 0 on a CPU and by WebGPU, and 5 elsewhere. */
  batchDelayMs: z.number().min(0).max(1000).optional(),
  /** Folder that remembers which model files are sound; absent: they are looked at anew after each start. */
  cacheDir: z.string().optional(),
});
export type DetectorOptions = z.infer<typeof DetectorOptions>;

/** Control process → detector process. */
export const DetectorCommand = z.strictObject({ type: z.literal('stop') });
export type DetectorCommand = z.infer<typeof DetectorCommand>;

/** Detector process → control process. */
export const DetectorEvent = z.discriminatedUnion('type', [
  /** It listens. */
  z.strictObject({ type: z.literal('ready'), providers: z.array(z.string()) }),
  /** Once a second: the models that are loaded. */
  z.strictObject({
    type: z.literal('stats'),
    models: z.array(
      z.strictObject({
        name: z.string(),
        provider: z.string(),
        /** Providers that don't run it, and why. */
        passedOver: z.array(PassedOver),
        /** Frames in the last second. */
        fps: z.number(),
        /** Milliseconds a run, mean of the last second; 0 without one. */
        inferenceMs: z.number(),
        /** Frames a run, mean of the last second; 0 without one. */
        batch: z.number(),
      }),
    ),
  }),
]);
export type DetectorEvent = z.infer<typeof DetectorEvent>;
