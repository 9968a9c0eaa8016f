import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';
import { ModelError } from './model-error.ts';
import { DEFAULT_MODEL, DEMO_MODEL, type ModelInfo, type ModelStore } from './model-store.ts';
import type { ShelfModel } from './shelf-model.ts';

/** The models of a running server: a cached list that emits its changes. */
export class ModelShelf extends EventEmitter<{ changed: [] }> {
  /** The default models of streams. */
  readonly defaults = { demo: DEMO_MODEL, other: DEFAULT_MODEL } as const;
  readonly #store: ModelStore;
  readonly #logger: Logger;
  readonly #downloading = new Set<string>();
  #models: readonly ShelfModel[] = [];

  private constructor(store: ModelStore, logger: Logger) {
    super();
    this.#store = store;
    this.#logger = logger;
  }

  /** Reads all models; a file seen for the first time takes a fraction of a second. */
  static async open(store: ModelStore, logger: Logger): Promise<ModelShelf> {
    const shelf = new ModelShelf(store, logger);
    await shelf.refresh();
    return shelf;
  }

  list(): readonly ShelfModel[] {
    return this.#models;
  }

  /** @throws ModelError with a message that says what to do */
  resolve(name: string): Promise<ResolvedModel> {
    return this.#store.resolve(name);
  }

  /** Reads the folders again. */
  async refresh(): Promise<void> {
    const infos = await this.#store.list();
    const models = infos.map((info) => this.#shown(info));
    if (isDeepStrictEqual(models, this.#models)) return;
    this.#models = models;
    this.emit('changed');
  }

  /** Downloads the default model for real cameras if it is missing. Resolves when that has succeeded or failed, which is logged. */
  async fetchDefault(): Promise<void> {
    const name = this.defaults.other;
    if (this.#models.find((model) => model.name === name)?.state !== 'not-downloaded') return;
    this.#downloading.add(name);
    await this.refresh();
    try {
      this.#logger.info({ model: name }, 'fetching the model for real cameras');
      await this.#store.get(name);
      this.#logger.info({ model: name }, 'the model for real cameras is here');
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.#logger.warn({ model: name, code: error.code }, `${error.message}. Until then only the demo is annotated`);
    } finally {
      this.#downloading.delete(name);
      await this.refresh();
    }
  }

  #shown(info: ModelInfo): ShelfModel {
    return this.#downloading.has(info.name) && info.state === 'not-downloaded' ? { ...info, state: 'downloading' } : info;
  }
}
