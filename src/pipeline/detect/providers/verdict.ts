import { z } from 'zod';
import { ResolvedModel } from '../spec.ts';

/** What is tried: one provider with one model. */
export const Trial = z.strictObject({
  model: ResolvedModel,
  /** As ONNX Runtime names it. */
  provider: z.string(),
  /** Threads that one run on the CPU uses. */
  threads: z.number().int().positive(),
  /** It is of use also where it is slower than the CPU, so that it is not given up for that. */
  evenSlower: z.boolean(),
});
export type Trial = z.infer<typeof Trial>;

/** Milliseconds a frame, the best of several: of the provider, and of the CPU in the same process. */
const times = { ms: z.number(), cpuMs: z.number() };

/**
 * What a trial found out about a provider:
 *
 * - `faster`, `slower`: it sees what the CPU sees, and how long it takes
 * - `software`: it is a GPU that is a program, so that nothing further was tried
 * - `wrong`: it sees something else
 * - `unusable`: it does not take the model, or crashes
 * - `late`: it gave no result in time
 */
export const Verdict = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('faster'), ...times }),
  /** `cut`: its run was cut off after that time. */
  z.strictObject({ is: z.literal('slower'), ...times, cut: z.boolean().optional() }),
  /** Milliseconds of processor time for a product of matrices. */
  z.strictObject({ is: z.literal('software'), ...times }),
  z.strictObject({ is: z.literal('wrong'), reason: z.string() }),
  z.strictObject({ is: z.literal('unusable'), reason: z.string() }),
  z.strictObject({ is: z.literal('late'), reason: z.string() }),
]);
export type Verdict = z.infer<typeof Verdict>;

/** What the process of a trial says. */
export const TrialMessage = z.discriminatedUnion('type', [
  /** The provider sees what the CPU sees, and is about to be timed. */
  z.strictObject({ type: z.literal('agrees'), cpuMs: z.number() }),
  z.strictObject({ type: z.literal('verdict'), verdict: Verdict }),
]);
export type TrialMessage = z.infer<typeof TrialMessage>;

/** Why a provider is not used, as a sentence without its subject. */
export function reasonOf(verdict: Verdict): string {
  if ('reason' in verdict) return verdict.reason;
  if (verdict.is === 'software') return `is no GPU but a program: it takes ${rounded(verdict.ms)} ms of the processor for what the CPU does in ${rounded(verdict.cpuMs)} ms`;
  const more = verdict.is === 'slower' && verdict.cut === true ? 'more than ' : '';
  return `takes ${more}${rounded(verdict.ms)} ms a frame, the CPU ${rounded(verdict.cpuMs)} ms`;
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
