import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ModelName, type ManifestFile } from '../pipeline/detect/manifest.ts';
import { Digests } from './digests.ts';
import { readManifest } from './manifest-file.ts';
import { ModelError } from './model-error.ts';
import type { ModelOrigin } from './shelf-model.ts';

/** A model as its folder describes it: nothing was loaded yet. */
export interface ModelEntry {
  readonly name: string;
  readonly origin: ModelOrigin;
  /** What its manifest says; empty without one. */
  readonly given: ManifestFile;
  /** Absolute path of its file; absent where that is not here. */
  readonly file?: string;
  /** Why it can't be used, as far as that can be seen without loading it. */
  readonly problem?: ModelError;
}

export interface CatalogueFolders {
  /** One folder a model, each with its `model.yaml`. */
  readonly bundled: string;
  /** `NAME.onnx`, with `NAME.yaml` beside it where there is one. */
  readonly added: string;
  /** The same, given by the person who runs the server. */
  readonly extra?: string | undefined;
}

/** The models that the folders hold, read anew at each call: files come and go. */
export class Catalogue {
  readonly #folders: CatalogueFolders;
  readonly #digests = new Digests();

  constructor(folders: CatalogueFolders) {
    this.#folders = folders;
  }

  /** Sorted by name; each name once: the further folder comes before the data folder, and that before what is bundled. */
  async entries(): Promise<ModelEntry[]> {
    const manifests = await this.#bundled();
    const files = [...(await this.#loose(this.#folders.extra, 'folder', manifests)), ...(await this.#loose(this.#folders.added, 'added', manifests))];
    const entries = new Map<string, ModelEntry>();
    for (const entry of manifests) entries.set(entry.name, await this.#located(entry, files));
    // Later ones replace earlier ones.
    for (const entry of files.toReversed()) {
      const downloaded = entry.origin === 'added' && manifests.some(({ name }) => name === entry.name);
      if (!downloaded) entries.set(entry.name, entry);
    }
    return [...entries.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** The manifest that belongs to a file by its content, of those that are bundled; empty where there is none. */
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

  /** A bundled manifest with its file: beside it, downloaded, or anywhere under another name. */
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

  /** Files that lie side by side. One without a manifest that is the same as a bundled one's file takes that one's. */
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

/** What a manifest says, or why it can't be used. */
async function described(path: string, name: string): Promise<Pick<ModelEntry, 'given' | 'problem'>> {
  try {
    const given = await readManifest(path);
    // In a folder of its own a model is named by the folder; a manifest that says something else was copied by mistake.
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
