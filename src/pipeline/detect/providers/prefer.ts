import type { Logger } from 'pino';
import type { ModelHost } from '../model-host.ts';
import { ModelProcess } from '../model-process.ts';
import type { ResolvedModel } from '../spec.ts';
import type { ProviderTrials } from './provider-trials.ts';
import { isOnTrial } from './providers.ts';
import { reasonOf } from './verdict.ts';

/** How a better provider is looked for. */
export interface PreferOptions {
  readonly trials: ProviderTrials;
  /** Execution providers in the order of preference. */
  readonly providers: readonly string[];
  /** A provider that is right but slower than the CPU is used too. */
  readonly evenSlower: boolean;
  readonly threads: number;
  readonly logger: Logger;
}

/**
 * Has a model run by a provider that has to stand a trial, where one that does is preferred to what runs it now. It runs on as it does
 * until then, and for good where none is better. Never rejects.
 */
export async function preferProvider(host: ModelHost, model: ResolvedModel, { trials, providers, evenSlower, threads, logger }: PreferOptions): Promise<void> {
  const preferred = providers.slice(0, Math.max(0, providers.indexOf(host.provider))).filter(isOnTrial);
  if (preferred.length === 0) return;
  // A trial takes processor time, which belongs to a stream's first results.
  await host.used;
  for (const provider of preferred) {
    const trial = { model, provider, threads, evenSlower };
    const verdict = await trials.judge(trial);
    const [right, reason] = [verdict.is === 'faster' || (verdict.is === 'slower' && evenSlower), reasonOf(verdict)];
    try {
      if (!right) throw new Error(reason);
      const process = await ModelProcess.start({ model, options: { threads, providers: [provider] } });
      void process.ended.then((error) => {
        if (error !== undefined) trials.distrust(trial, error.message);
      });
      if (verdict.is === 'slower') logger.warn({ model: model.name, provider, reason }, 'a provider is used although it is slower than the CPU, as configured');
      else logger.info({ model: model.name, provider, reason }, 'a provider is faster than the CPU and is used');
      return await host.replace(process);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      logger.info({ model: model.name, provider, reason: why }, 'a provider is passed over');
      host.passOver({ provider, reason: why });
    }
  }
}
