import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DetectError } from '../pipeline/detect/detect-error.ts';
import { ModelName } from '../pipeline/detect/manifest.ts';
import type { ModelFacts } from '../pipeline/detect/model-facts.ts';
import { ModelProbe } from '../pipeline/detect/model-probe.ts';
import { sha256Of } from '../pipeline/detect/onnx-file.ts';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';
import { Catalogue, type ModelEntry } from './catalogue.ts';
import { completeManifest, givenSize, tellsAll, type CompletedManifest } from './complete-manifest.ts';
import { download, type DownloadProgress } from './download.ts';
import { readManifest } from './manifest-file.ts';
import { brokenBy, ModelError } from './model-error.ts';
import type { ShelfModel } from './shelf-model.ts';

/** The default model for real cameras. */
export const DEFAULT_MODEL = 'yolox-nano';
/** The model trained on the generated scene. */
export const DEMO_MODEL = 'street-nano';

export interface ModelStoreOptions {
  /** Folder of the manifests that come with Framelock. */
  readonly bundledDir: string;
  /** The server's data folder: downloads and added models go to `models/` in it. */
  readonly dataDir: string;
  /** A further folder of models, `FRAMELOCK_MODELS_DIR`. */
  readonly extraDir?: string | undefined;
}

/** A model as its folder and its file have it. */
export type ModelInfo = ShelfModel & { readonly state: Exclude<ShelfModel['state'], 'downloading'> };

/** The result of running a model. */
export interface ModelReport {
  readonly model: ResolvedModel;
  readonly assumed: readonly string[];
  readonly facts: ModelFacts;
}

/** The known models: where they are, whether they can be used, and how to get them. */
export class ModelStore {
  readonly #added: string;
  readonly #catalogue: Catalogue;
  readonly #probe: ModelProbe;
  readonly #downloads = new Map<string, Promise<void>>();

  constructor({ bundledDir, dataDir, extraDir }: ModelStoreOptions) {
    this.#added = resolve(dataDir, 'models');
    this.#catalogue = new Catalogue({ bundled: bundledDir, added: this.#added, extra: extraDir });
    this.#probe = new ModelProbe({ cacheDir: probeCache(dataDir) });
  }

  /** All known models, sorted by name. Never throws because of a model. */
  async list(): Promise<ModelInfo[]> {
    const infos: ModelInfo[] = [];
    // Sequentially: each new one is loaded in a process of its own.
    for (const entry of await this.#catalogue.entries()) infos.push(await this.#info(entry));
    return infos;
  }

  /**
   * Everything that a detector needs to run the model.
   * @throws ModelError with a message that says what to do
   */
  async resolve(name: string): Promise<ResolvedModel> {
    return this.#resolved(await this.#entry(name));
  }

  /**
   * Adds a copy of a model file.
   *
   * @param options.manifest path of its manifest; by default `FILE.yaml` beside `FILE.onnx`, if there is one
   * @throws ModelError if the name is taken or the model can't be used; nothing is kept then
   */
  async add(file: string, options: { readonly name: string; readonly manifest?: string | undefined }): Promise<ResolvedModel> {
    const { name } = options;
    if (!ModelName.safeParse(name).success) {
      throw new ModelError('model-broken', `${name} is no name for a model: it consists of letters, digits, dots, dashes and underscores`);
    }
    const known = (await this.#catalogue.entries()).find((entry) => entry.name === name);
    if (known?.file !== undefined) throw new ModelError('model-broken', `There is a model ${name} already: choose another name`);
    const source = resolve(file);
    // Anything else, such as a pipe, may never end.
    if (!statSync(source, { throwIfNoEntry: false })?.isFile()) throw new ModelError('model-broken', `There is no file ${file}`);
    const beside = source.replace(/\.onnx$/, '.yaml');
    const manifest = options.manifest ?? (beside !== source && existsSync(beside) ? beside : undefined);
    const given = manifest === undefined ? await this.#catalogue.knownManifest(source) : await readManifest(manifest);
    await this.#resolved({ name, origin: 'added', given, file: source });
    const expected = known?.given.sha256;
    if (expected !== undefined && (await sha256Of(source)) !== expected) {
      throw new ModelError('model-broken', `${file} is not the file of the known model ${name} (sha256 differs): choose another name for it`);
    }
    await mkdir(this.#added, { recursive: true });
    const target = join(this.#added, `${name}.onnx`);
    const draft = `${target}.adding`;
    await copyFile(source, draft);
    if (manifest !== undefined) await copyFile(manifest, join(this.#added, `${name}.yaml`));
    await rename(draft, target);
    return this.resolve(name);
  }

  /**
   * Downloads a known model; concurrent calls share one download. Resolves at once if its file is there.
   * @throws ModelError if the model has no address, can't be downloaded, or differs from its manifest
   */
  async get(name: string, onProgress?: (progress: DownloadProgress) => void): Promise<ResolvedModel> {
    const entry = await this.#entry(name);
    if (entry.problem !== undefined) throw entry.problem;
    if (entry.file !== undefined) return this.#resolved(entry);
    const { url, sha256 } = entry.given;
    if (url === undefined) throw new ModelError('model-download', `The manifest of ${name} does not say where its file can be had: put it at ${join(this.#added, `${name}.onnx`)}`);
    let running = this.#downloads.get(name);
    if (running === undefined) {
      running = download({ url, sha256, path: join(this.#added, `${name}.onnx`), onProgress }).finally(() => this.#downloads.delete(name));
      this.#downloads.set(name, running);
    }
    try {
      await running;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      throw new ModelError(error.code, `${error.message}. Where the network does not allow it, fetch that address elsewhere and run \`framelock models add FILE --name ${name}\``, { cause: error });
    }
    return this.resolve(name);
  }

  /**
   * Loads a model again and runs it on a blank picture, in a process of its own.
   * @throws ModelError if that fails
   */
  async check(name: string): Promise<ModelReport> {
    const entry = await this.#entry(name);
    const { assumed } = await this.#complete(entry);
    const model = await this.#resolved(entry);
    try {
      const { facts } = await new ModelProbe().check(model);
      return { model, assumed, facts };
    } catch (error) {
      throw asModelError(error);
    }
  }

  async #entry(name: string): Promise<ModelEntry> {
    const entries = await this.#catalogue.entries();
    const entry = entries.find((one) => one.name === name);
    if (entry !== undefined) return entry;
    const names = entries.map((one) => one.name).join(', ');
    throw new ModelError('model-unknown', `There is no model ${name}. Known are: ${names || 'none'}`);
  }

  async #resolved(entry: ModelEntry): Promise<ResolvedModel> {
    const { manifest } = await this.#complete(entry);
    return { name: entry.name, file: this.#fileOf(entry), manifest, ...(manifest.sha256 === undefined ? {} : { sha256: manifest.sha256 }) };
  }

  async #complete(entry: ModelEntry): Promise<CompletedManifest> {
    if (entry.problem !== undefined) throw entry.problem;
    const { name, given } = entry;
    const onnx = given.file ?? `${name}.onnx`;
    try {
      if (tellsAll(given)) return completeManifest(given, name, onnx, undefined);
      const file = this.#fileOf(entry);
      let { facts } = await this.#probe.facts(file, givenSize(given));
      // A file may have a dynamic size in its graph and the size in its metadata.
      if (facts.runMs === undefined) ({ facts } = await this.#probe.facts(file, givenSize(given, facts)));
      return completeManifest(given, name, onnx, facts);
    } catch (error) {
      throw asModelError(error);
    }
  }

  #fileOf({ name, file, given }: ModelEntry): string {
    if (file !== undefined) return file;
    const advice = given.url === undefined ? `put its file at ${join(this.#added, `${name}.onnx`)}` : `run \`framelock models get ${name}\``;
    throw new ModelError('model-not-downloaded', `The file of the model ${name} is not here: ${advice}`);
  }

  async #info(entry: ModelEntry): Promise<ModelInfo> {
    const { name, origin, given, file } = entry;
    const { title, licence, source } = given;
    const about = { name, origin, ...defined({ title, licence, source }) };
    try {
      const { manifest, assumed } = await this.#complete(entry);
      const { family, labels, input } = manifest;
      const known = { ...about, family, labels, input: { width: input.width, height: input.height } };
      return { ...known, state: file === undefined ? 'not-downloaded' : 'ready', ...(assumed.length === 0 ? {} : { assumed: [...assumed] }) };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const state = error.code === 'model-not-downloaded' ? 'not-downloaded' : 'broken';
      return { ...about, state, error: { code: error.code, message: error.message } };
    }
  }
}

/** Folder of the cache of checked files; the detector process may share it. */
export function probeCache(dataDir: string): string {
  return resolve(dataDir, 'cache', 'models');
}

function asModelError(error: unknown): unknown {
  return error instanceof DetectError ? brokenBy(error) : error;
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> };
}
