import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { ModelHost, type ModelStats } from './model-host.ts';
import type { ModelProbe } from './model-probe.ts';
import { ModelThread } from './model-thread.ts';
import type { PassedOver } from './loaded-model.ts';
import { preferProvider } from './providers/prefer.ts';
import type { ProviderTrials } from './providers/provider-trials.ts';
import { isOnTrial } from './providers/providers.ts';
import type { ResolvedModel } from './spec.ts';

export interface ModelRegistryOptions {
  readonly threads: number;
  /** Execution providers in the order of preference, the CPU among them. */
  readonly providers: readonly string[];
  /** A provider that has to stand a trial is used also where it is slower than the CPU. */
  readonly evenSlower?: boolean | undefined;
  /** Providers that work for no model here. */
  readonly passedOver?: readonly PassedOver[] | undefined;
  readonly trials: ProviderTrials;
  readonly maxBatch?: number | undefined;
  readonly batchDelayMs?: number | undefined;
  readonly probe: ModelProbe;
  readonly logger: Logger;
  /** A model hangs in native code: nothing but the end of the process helps. */
  readonly onHang: () => void;
}

/** A model that nobody uses stays loaded for this many milliseconds: streams come back. */
const LINGER_MS = 60_000;

interface Entry {
  readonly model: ResolvedModel;
  readonly host: Promise<ModelHost>;
  users: number;
  lingering?: NodeJS.Timeout;
}

/** The loaded models: each once, whatever the number of streams that use it. */
export class ModelRegistry {
  readonly #options: ModelRegistryOptions;
  readonly #entries = new Set<Entry>();
  readonly #hosts = new Set<ModelHost>();

  constructor(options: ModelRegistryOptions) {
    this.#options = options;
  }

  /**
   * @returns the loaded model, and a function that says, once, that it is not used any more
   * @throws DetectError where the model can't be used
   */
  async use(model: ResolvedModel): Promise<{ host: ModelHost; release: () => void }> {
    const known = [...this.#entries].find((entry) => isDeepStrictEqual(entry.model, model));
    const entry = known ?? this.#add(model);
    entry.users += 1;
    clearTimeout(entry.lingering);
    const release = (): void => {
      entry.users -= 1;
      if (entry.users === 0) entry.lingering = setTimeout(() => void this.#unload(entry), LINGER_MS).unref();
    };
    try {
      return { host: await entry.host, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  takeStats(): ModelStats[] {
    return [...this.#hosts].map((host) => host.takeStats());
  }

  async close(): Promise<void> {
    await Promise.all([...this.#entries].map((entry) => this.#unload(entry)));
  }

  #add(model: ResolvedModel): Entry {
    const entry: Entry = { model, users: 0, host: this.#load(model) };
    this.#entries.add(entry);
    // A model that failed is loaded anew when asked for again: its file may have been mended.
    entry.host
      .then((host) => host.ended)
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(entry.lingering);
        this.#entries.delete(entry);
      });
    return entry;
  }

  async #load(model: ResolvedModel): Promise<ModelHost> {
    const { probe, trials, threads, providers, evenSlower = false, passedOver = [], maxBatch, batchDelayMs, logger, onHang } = this.#options;
    const startedAt = performance.now();
    await probe.check(model);
    const thread = await ModelThread.start({ model, options: { threads, providers: providers.filter((one) => !isOnTrial(one)) } });
    for (const { provider, reason } of thread.skipped) logger.warn({ model: model.name, provider, reason }, 'a provider does not take this model');
    const host = new ModelHost(model.name, thread, { maxBatch, batchDelayMs, logger, onHang, passedOver: [...passedOver, ...thread.skipped] });
    logger.info({ model: model.name, provider: host.provider, batches: host.batches, ms: Math.round(performance.now() - startedAt) }, 'model loaded');
    this.#hosts.add(host);
    void host.ended.then(() => this.#hosts.delete(host));
    void preferProvider(host, model, { trials, providers, evenSlower, threads, logger });
    return host;
  }

  async #unload(entry: Entry): Promise<void> {
    clearTimeout(entry.lingering);
    this.#entries.delete(entry);
    const host = await entry.host.catch(() => undefined);
    await host?.close();
  }
}
