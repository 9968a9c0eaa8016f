import { z } from 'zod';
import { Box } from '../annotation.ts';
import { DetectError, type DetectErrorCode } from './detect-error.ts';
import { MAX_DETECTIONS } from './read-outputs.ts';
import type { InputFrame } from './model-runner.ts';
import type { SessionOptions } from './onnx-runtime.ts';
import type { ResolvedModel } from './spec.ts';

/** What is to be loaded, and how. */
export interface ModelOrder {
  readonly model: ResolvedModel;
  readonly options: SessionOptions;
}

/** What a loaded model is asked: to run these frames together. */
export interface ToModel {
  readonly frames: readonly InputFrame[];
}

/** A provider that is not used, and why. */
export const PassedOver = z.strictObject({ provider: z.string(), reason: z.string() });
export type PassedOver = z.infer<typeof PassedOver>;

const Failure = z.strictObject({ code: z.string(), message: z.string() });
type Failure = z.infer<typeof Failure>;

const Seen = z.strictObject({ label: z.string(), score: z.number(), box: Box });

/** What a loaded model says: first whether it is loaded, then one answer for each request. */
export const FromModel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('loaded'), provider: z.string(), skipped: z.array(PassedOver), batches: z.boolean() }),
  z.strictObject({ type: z.literal('failed'), failure: Failure }),
  z.strictObject({ type: z.literal('results'), results: z.array(z.array(Seen).max(MAX_DETECTIONS)), inferenceMs: z.number(), batches: z.boolean() }),
  z.strictObject({ type: z.literal('run-failed'), failure: Failure }),
]);
export type FromModel = z.infer<typeof FromModel>;

/** What became of frames that were run together. */
export type BatchResult = Pick<Extract<FromModel, { type: 'results' }>, 'results' | 'inferenceMs'>;

/** A loaded model, wherever it runs: in a thread of this process, or in a process of its own. */
export interface LoadedModel {
  readonly provider: string;
  /** Providers that were tried before it, in vain. */
  readonly skipped: readonly PassedOver[];
  /** Settled when it has ended, with the error that ended it, if any. */
  readonly ended: Promise<Error | undefined>;
  /** Whether several frames can be run at once. */
  readonly batches: boolean;
  /**
   * Takes over the pictures' memory. Calls must not overlap.
   * @returns one entry a frame, in their order, and the milliseconds for all of them: preparing, running and reading
   * @throws DetectError where the frames have no result
   */
  run(frames: readonly InputFrame[]): Promise<BatchResult>;
  /** Ends it; a run that is under way fails. Idempotent. */
  close(): Promise<void>;
  /** Ends it for a reason, even if a run hangs in native code. Absent where only the end of this whole process could do that. */
  readonly abandon?: (reason: string) => void;
}

/** An error in a form that can go to another thread or process. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DetectError) return { code: error.code, message: error.message };
  return { code: 'run-failed', message: error instanceof Error ? error.message : String(error) };
}

/** The error behind what {@link failureOf} made of it. */
export function errorOf({ code, message }: Failure): DetectError {
  return new DetectError(code as DetectErrorCode, message);
}
