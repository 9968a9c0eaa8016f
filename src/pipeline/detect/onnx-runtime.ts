import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { env, InferenceSession } from 'onnxruntime-node';
import { DetectError } from './detect-error.ts';

// ONNX Runtime writes to stderr of its own accord; what matters comes back as errors.
env.logLevel = 'fatal';

/** ONNX Runtime's levels: 4 is fatal. */
const QUIET = 4;

export interface SessionOptions {
  /** Threads that one run uses. */
  readonly threads: number;
  /** Execution providers in the order of preference, as ONNX Runtime names them. */
  readonly providers: readonly string[];
}

export interface LoadedSession {
  readonly session: InferenceSession;
  readonly provider: string;
  /** Providers that were tried in vain, and why. */
  readonly skipped: readonly { readonly provider: string; readonly reason: string }[];
}

/**
 * Loads a model with the first provider that takes it.
 *
 * @param model a file's path, or a model's bytes
 * @throws DetectError where none takes it
 */
export async function loadSession(model: string | Uint8Array, { threads, providers }: SessionOptions): Promise<LoadedSession> {
  const skipped: { provider: string; reason: string }[] = [];
  const options = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: QUIET,
    // Threads that wait for work must sleep: the cores are shared with decoders and encoders.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  } as const;
  let failure: unknown;
  for (const provider of providers) {
    try {
      // Named alone, because a provider that is not known would be passed over for the next one without a word. What a provider can't
      // run, the CPU runs in any case.
      const given = { ...options, executionProviders: [provider] };
      const session = typeof model === 'string' ? await InferenceSession.create(model, given) : await InferenceSession.create(model, given);
      return { session, provider, skipped };
    } catch (error) {
      failure = error;
      skipped.push({ provider, reason: firstLine(error) });
    }
  }
  const name = typeof model === 'string' ? basename(model) : 'The model';
  if (typeof model === 'string' && !existsSync(model)) throw new DetectError('model-missing', `There is no file ${model}`, { cause: failure });
  throw new DetectError('model-invalid', `${name} can't be loaded: ${firstLine(failure)}`, { cause: failure });
}

/** The part of an error of ONNX Runtime that a person may want to read. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n')[0] ?? '').replace(/^Load model from .*? failed:\s*/, '').slice(0, 300);
}
