import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ModelName, type ManifestFile } from '../pipeline/detect/manifest.ts';
import { Digests } from './digests.ts';
import { readManifest } from './manifest-file.ts';
import { ModelError } from './model-error.ts';
import type { ModelOrigin } from './shelf-model.ts';

/** A model as its folder describes it, without loading it. */
export interface ModelEntry {
  readonly name: string;
  readonly origin: ModelOrigin;
  /** Its manifest; empty without one. */
  readonly given: ManifestFile;
  /** Absolute path of its file; absent if the file is missing. */
  readonly file?: string;
  /** Why it can't be used, if that is known without loading it. */
  readonly problem?: ModelError;
}

export interface CatalogueFolders {
  /** One folder per model, each with its `model.yaml`. */
  readonly bundled: string;
  /** `NAME.onnx`, optionally with `NAME.yaml` beside it. */
  readonly added: string;
  /** The same, set by the administrator. */
  readonly extra?: string | undefined;
}

/** The models in the folders, which are read at each call: files may change. */
export class Catalogue {
  readonly #folders: CatalogueFolders;
  readonly #digests = new Digests();

  constructor(folders: CatalogueFolders) {
    this.#folders = folders;
  }

  /** Sorted by name, each name once. The further folder overrides the data folder, which overrides the bundled models. */
  async entries(): Promise<ModelEntry[]> {
    const manifests = await this.#bundled();
    const files = [...(await this.#loose(this.#folders.extra, 'folder', manifests)), ...(await this.#loose(this.#folders.added, 'added', manifests))];
    const entries = new Map<string, ModelEntry>();
    for (const entry of manifests) entries.set(entry.name, await this.#located(entry, files));
    // Later entries replace earlier ones.
    for (const entry of files.toReversed()) {
      const downloaded = entry.origin === 'added' && manifests.some(({ name }) => name === entry.name);
      if (!downloaded) entries.set(entry.name, entry);
    }
    return [...entries.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The bundled manifest of a file, by its content; empty if there is none. */
  async knownManifest(file: string): Promise<ManifestFile> {
    return twin(await this.#bundled(), await this.#digests.of(file))?.given ?? {};
  }

  async #bundled(): Promise<ModelEntry[]> {
    const found: ModelEntry[] = [];
    for (const folder of await list(this.#folders.bundled)) {
      const path = join(this.#folders.bundled, folder, 'model.yaml');
      if (!(await isFile(path))) continue;
      found.push({ name: folder, origin: 'bundled', ...(await described(path, folder)) });
    }
    return found;
  }

  /** Finds the file of a bundled manifest: beside it, downloaded, or under any other name. */
  async #located(entry: ModelEntry, files: readonly ModelEntry[]): Promise<ModelEntry> {
    if (entry.problem !== undefined) return entry;
    const beside = join(this.#folders.bundled, entry.name, entry.given.file ?? `${entry.name}.onnx`);
    const downloaded = join(this.#folders.added, `${entry.name}.onnx`);
    for (const file of [beside, downloaded]) {
      if (await isFile(file)) return this.#verified({ ...entry, file: resolve(file) });
    }
    const wanted = entry.given.sha256;
    for (const { file } of wanted === undefined ? [] : files) {
      if (file !== undefined && (await this.#digests.of(file)) === wanted) return { ...entry, file };
    }
    return entry;
  }

  async #verified(entry: ModelEntry): Promise<ModelEntry> {
    const { file, given, name } = entry;
    if (file === undefined || given.sha256 === undefined || (await this.#digests.of(file)) === given.sha256) return entry;
    const advice = given.url === undefined ? 'put the right file in its place' : `delete it and run \`framelock models get ${name}\``;
    return { ...entry, problem: new ModelError('model-broken', `${file} is not the file that the manifest of ${name} describes (sha256 differs): ${advice}`) };
  }

  /** Models of a folder of files. A file without a manifest takes that of a bundled model with the same content. */
  async #loose(folder: string | undefined, origin: ModelOrigin, bundled: readonly ModelEntry[]): Promise<ModelEntry[]> {
    if (folder === undefined) return [];
    const found: ModelEntry[] = [];
    for (const one of await list(folder)) {
      if (!one.endsWith('.onnx')) continue;
      const name = basename(one, '.onnx');
      const file = resolve(folder, one);
      if (!(await isFile(file))) continue;
      const path = join(folder, `${name}.yaml`);
      if (!ModelName.safeParse(name).success) {
        const problem = new ModelError('model-broken', `${file}: a model's name consists of letters, digits, dots, dashes and underscores; rename the file`);
        found.push({ name, origin, given: {}, problem });
      } else if (await isFile(path)) {
        found.push(await this.#verified({ name, origin, file, ...(await described(path, name)) }));
      } else {
        found.push({ name, origin, file, given: twin(bundled, await this.#digests.of(file))?.given ?? {} });
      }
    }
    return found;
  }
}

function twin(bundled: readonly ModelEntry[], digest: string | undefined): ModelEntry | undefined {
  return bundled.find(({ given }) => given.sha256 !== undefined && given.sha256 === digest);
}

/** Reads a manifest, or returns why it can't be used. */
async function described(path: string, name: string): Promise<Pick<ModelEntry, 'given' | 'problem'>> {
  try {
    const given = await readManifest(path);
    // A model in a folder of its own is named after the folder; a different name in the manifest is a copying mistake.
    if (basename(path) !== 'model.yaml' || given.name === undefined || given.name === name) return { given };
    throw new ModelError('model-broken', `${path}: name is ${given.name}, but its folder is ${name}`);
  } catch (error) {
    if (error instanceof ModelError) return { given: {}, problem: error };
    throw error;
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
