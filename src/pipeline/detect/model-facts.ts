import { z } from 'zod';
import { ResolvedModel } from './spec.ts';

const TensorInfo = z.strictObject({
  name: z.string(),
  /** As ONNX Runtime names it: `float32`, `int64`… */
  type: z.string(),
  /** A name where the size is not fixed. */
  dims: z.array(z.union([z.number(), z.string()])),
});
export type TensorInfo = z.infer<typeof TensorInfo>;

/** What can be learnt from an ONNX file by loading it and running it on a blank picture. */
export const ModelFacts = z.strictObject({
  metadata: z.record(z.string(), z.string()),
  inputs: z.array(TensorInfo),
  /** After a run, with the sizes that were seen. */
  outputs: z.array(TensorInfo),
  /** Milliseconds of the second run on one thread of the CPU; absent where its input size is not known, so that it could not be run. */
  runMs: z.number().optional(),
});
export type ModelFacts = z.infer<typeof ModelFacts>;

/** A size for inputs that leave it open. */
export const ProbeSize = z.strictObject({ width: z.number().int().positive(), height: z.number().int().positive() });
export type ProbeSize = z.infer<typeof ProbeSize>;

/** What a probe process is asked. */
export const ProbeQuestion = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('facts'), file: z.string(), size: ProbeSize.optional() }),
  /** The same of a model with its manifest, which must fit its outputs. */
  z.strictObject({ ask: z.literal('check'), model: ResolvedModel }),
  z.strictObject({ ask: z.literal('providers'), providers: z.array(z.string()) }),
]);
export type ProbeQuestion = z.infer<typeof ProbeQuestion>;

/** What a probe process answers, once. */
export const ProbeAnswer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('facts'), facts: ModelFacts }),
  z.strictObject({ type: z.literal('providers'), works: z.array(z.string()), skipped: z.array(z.strictObject({ provider: z.string(), reason: z.string() })) }),
  z.strictObject({ type: z.literal('failed'), code: z.string(), message: z.string() }),
]);
export type ProbeAnswer = z.infer<typeof ProbeAnswer>;
