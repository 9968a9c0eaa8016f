import type { Logger } from 'pino';
import type { ResolvedDetectors } from './detector-catalog.ts';
import type { ModelsPort } from './ports.ts';

/** How often it is looked for models that streams miss, ms: somebody may have put their files there. */
const INTERVAL_MS = 15_000;

/** Problems of detectors that end when a file is put in its place. */
const MISSING = new Set(['detector-not-found', 'model-unknown', 'model-not-downloaded', 'model-downloading']);

/** What {@link MissingModels} are made from. */
export interface MissingModelsInit {
  readonly models: Pick<ModelsPort, 'refresh'>;
  /** What came of the detectors of each stream. */
  readonly streams: () => Iterable<{ readonly id: string; readonly resolved: Pick<ResolvedDetectors, 'unresolved'> }>;
  /** These streams missed models, which have been looked for. */
  readonly looked: (ids: readonly string[]) => void;
  readonly logger: Logger;
}

/** Looks now and then for the models that streams miss. */
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
