import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { DEFAULT_MODEL, type ModelInfo, type ModelStore } from '../models/index.ts';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';
import type { ModelsPort, ModelSummary } from './ports.ts';

/** The model that was trained on the generated scene. */
export const DEMO_MODEL = 'street-nano';

/** The store, as far as it is used here. */
type Store = Pick<ModelStore, 'list' | 'resolve' | 'get'>;

/** The models of a store as streams see them: looked up at once, and told about when they change. */
export class KnownModels extends EventEmitter<{ changed: [] }> implements ModelsPort {
  readonly defaults = { demo: DEMO_MODEL, other: DEFAULT_MODEL };
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #downloading = new Set<string>();
  #models: readonly ModelInfo[] = [];
  #refreshing: Promise<void> | undefined;

  private constructor(store: Store, logger: Logger) {
    super();
    this.#store = store;
    this.#logger = logger;
  }

  /** Looks once, so that every model that is there is known. */
  static async create(store: Store, logger: Logger): Promise<KnownModels> {
    const known = new KnownModels(store, logger);
    await known.refresh();
    return known;
  }

  list(): readonly ModelSummary[] {
    return this.#models.map((model) => (this.#downloading.has(model.name) ? { ...model, state: 'downloading' as const } : model));
  }

  /** However often it is asked for at the same time, it is looked once. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async resolve(name: string): Promise<ResolvedModel> {
    if (this.#downloading.has(name)) {
      throw Object.assign(new Error(`The model ${name} is being downloaded; it is used as soon as it is here.`), { code: 'model-downloading' });
    }
    return this.#store.resolve(name);
  }

  /** Fetches the default real-world model where it is not here. Never rejects: where the network does not allow it, the log says what to do. */
  async fetchDefault(): Promise<void> {
    const name = this.defaults.other;
    if (this.#models.find((model) => model.name === name)?.state !== 'not-downloaded') return;
    this.#logger.info({ model: name }, 'fetching the default model for real sources in the background');
    this.#downloading.add(name);
    this.emit('changed');
    try {
      await this.#store.get(name);
      this.#logger.info({ model: name }, 'the default model for real sources is here');
    } catch (error) {
      this.#logger.warn({ err: error, model: name }, 'the default model for real sources could not be fetched; streams other than the demo have no detections until it is here');
    } finally {
      this.#downloading.delete(name);
      await this.refresh();
      this.emit('changed');
    }
  }

  async #look(): Promise<void> {
    const models = await this.#store.list();
    const changed = JSON.stringify(models) !== JSON.stringify(this.#models);
    this.#models = models;
    if (changed) this.emit('changed');
  }
}
