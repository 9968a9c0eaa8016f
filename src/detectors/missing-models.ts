import type { Logger } from 'pino';
import type { ResolvedDetectors } from './detector-catalog.ts';
import type { ModelsPort } from './ports.ts';

/** Milliseconds between two looks for missing models, whose files may have been added. */
const INTERVAL_MS = 15_000;

/** Problems of detectors that a new file can solve. */
const MISSING = new Set(['detector-not-found', 'model-unknown', 'model-not-downloaded', 'model-downloading']);

/** What {@link MissingModels} are made from. */
export interface MissingModelsInit {
  readonly models: Pick<ModelsPort, 'refresh'>;
  /** The resolved detectors of each stream. */
  readonly streams: () => Iterable<{ readonly id: string; readonly resolved: Pick<ResolvedDetectors, 'unresolved'> }>;
  /** Called after a look, with the streams that lacked models. */
  readonly looked: (ids: readonly string[]) => void;
  readonly logger: Logger;
}

/** Looks periodically for models that streams lack. */
export class MissingModels {
  readonly #init: MissingModelsInit;
  readonly #timer: NodeJS.Timeout;

  constructor(init: MissingModelsInit) {
    this.#init = init;
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) => init.logger.warn({ err: error }, 'the folders of models can’t be read'));
    }, INTERVAL_MS).unref();
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { models, streams, looked } = this.#init;
    const missing = [...streams()].filter(({ resolved }) => resolved.unresolved.some(({ problem }) => MISSING.has(problem.code)));
    if (missing.length === 0) return;
    await models.refresh();
    looked(missing.map(({ id }) => id));
  }
}
