import { EventEmitter } from 'node:events';
import type { DetectorDefinition} from '../config/stream-definition.ts';
import { applyChanges, type DetectorChanges } from '../config/stream-definition.ts';
import type { FieldError } from '../config/explain.ts';
import { didYouMean } from '../config/suggest.ts';
import type { ResolvedDetector } from '../pipeline/detect/spec.ts';
import type { Problem } from '../pipeline/messages.ts';
import type { Definitions, Origin } from '../store/definitions.ts';
import { invalid, StreamsError } from './errors.ts';
import type { ModelsPort } from './ports.ts';

/** A detector as a stream names it: by name, or defined in place. */
export type DetectorReference = string | DetectorDefinition;

/** A detector that can be named, and where it comes from: `model` ones come with a model of the same name. */
export interface CatalogEntry extends DetectorDefinition {
  readonly origin: Origin | 'model';
}

/** A detector that can't run now. */
export interface UnresolvedDetector {
  readonly name: string;
  readonly problem: Problem;
}

/** The detectors of one stream, sorted by whether they can run. */
export interface ResolvedDetectors {
  readonly ready: ResolvedDetector[];
  readonly unresolved: UnresolvedDetector[];
}

interface CatalogEvents {
  /** A detector or a model came, went or changed. */
  changed: [];
}

/** The detectors that streams can name. */
export class DetectorCatalog extends EventEmitter<CatalogEvents> {
  readonly #definitions: Definitions<DetectorDefinition>;
  readonly #models: ModelsPort;

  constructor(definitions: Definitions<DetectorDefinition>, models: ModelsPort) {
    super();
    this.#definitions = definitions;
    this.#models = models;
    models.on('changed', () => this.emit('changed'));
  }

  list(): CatalogEntry[] {
    const defined = this.#definitions.list().map(({ value, origin }) => ({ ...value, origin }));
    const names = new Set(defined.map(({ name }) => name));
    const implied = this.#models.list().filter(({ name }) => !names.has(name));
    return [...defined, ...implied.map(({ name }) => ({ name, model: name, origin: 'model' as const }))];
  }

  /** @throws StreamsError `detector-not-found` */
  get(name: string): CatalogEntry {
    const entry = this.#find(name);
    if (entry === undefined) throw new StreamsError('detector-not-found', `There is no detector “${name}”.`);
    return entry;
  }

  /** @throws StreamsError `detector-exists`, `invalid` */
  async add(definition: DetectorDefinition): Promise<CatalogEntry> {
    await this.#lookFor(definition.model);
    if (this.#definitions.get(definition.name) !== undefined) {
      throw new StreamsError('detector-exists', `There is a detector “${definition.name}” already.`);
    }
    return this.#put(definition);
  }

  /** @throws StreamsError `detector-not-found`, `detector-of-model`, `invalid` */
  async change(name: string, changes: DetectorChanges): Promise<CatalogEntry> {
    if (changes.model !== undefined) await this.#lookFor(changes.model);
    const { origin, ...definition } = this.get(name);
    if (origin === 'model') throw ofModel(name);
    return this.#put(applyChanges<DetectorDefinition>(definition, changes));
  }

  /** @throws StreamsError `detector-not-found`, `detector-of-model` */
  remove(name: string): void {
    if (this.get(name).origin === 'model') throw ofModel(name);
    this.#definitions.delete(name);
    this.emit('changed');
  }

  /** Which of a stream's references name nothing that exists; looks again for models that were not there before. */
  async checkAnew(references: readonly DetectorReference[]): Promise<FieldError[]> {
    if (this.check(references).length > 0) await this.#models.refresh();
    return this.check(references);
  }

  /** Which of a stream's references name nothing that was known. */
  check(references: readonly DetectorReference[]): FieldError[] {
    return references.flatMap((reference, index) => {
      if (typeof reference !== 'string') return this.checkModel(reference.model, `detectors[${index}].model`);
      if (this.#find(reference) !== undefined) return [];
      const known = this.list().map(({ name }) => name);
      return [
        { path: `detectors[${index}]`, message: `There is no detector or model “${reference}”.${didYouMean(reference, known)} ${listing(known)}` },
      ];
    });
  }

  /** What is wrong with the name of a model. */
  checkModel(name: string, path = 'model'): FieldError[] {
    const known = this.#models.list().map((model) => model.name);
    if (known.includes(name)) return [];
    return [{ path, message: `There is no model “${name}”.${didYouMean(name, known)} ${listing(known)}` }];
  }

  /** What a stream's references stand for; a detector that can't run now keeps no other from running. */
  async resolve(references: readonly DetectorReference[]): Promise<ResolvedDetectors> {
    const ready: ResolvedDetector[] = [];
    const unresolved: UnresolvedDetector[] = [];
    for (const reference of references) {
      const name = typeof reference === 'string' ? reference : reference.name;
      const entry = typeof reference === 'string' ? this.#find(reference) : reference;
      try {
        if (entry === undefined) throw new StreamsError('detector-not-found', `There is no detector or model “${name}” here.`);
        const { model, classes, threshold, fps, every, region } = entry;
        const options = Object.entries({ classes, threshold, fps, every, region }).filter(([, value]) => value !== undefined);
        ready.push({ name, model: await this.#models.resolve(model), ...Object.fromEntries(options) });
      } catch (error) {
        unresolved.push({ name, problem: asProblem(error) });
      }
    }
    return { ready, unresolved };
  }

  async #lookFor(model: string): Promise<void> {
    if (this.checkModel(model).length > 0) await this.#models.refresh();
  }

  #find(name: string): CatalogEntry | undefined {
    const defined = this.#definitions.get(name);
    if (defined !== undefined) return { ...defined.value, origin: defined.origin };
    return this.#models.list().some((model) => model.name === name) ? { name, model: name, origin: 'model' } : undefined;
  }

  #put(definition: DetectorDefinition): CatalogEntry {
    const errors = this.checkModel(definition.model);
    if (errors.length > 0) throw invalid(errors);
    const { value, origin } = this.#definitions.put(definition);
    this.emit('changed');
    return { ...value, origin };
  }
}

function ofModel(name: string): StreamsError {
  return new StreamsError('detector-of-model', `The detector “${name}” comes with its model. Add one of your own (POST /api/detectors) to change anything.`);
}

function listing(known: readonly string[]): string {
  return known.length === 0 ? 'None is known.' : `Known: ${known.join(', ')}.`;
}

function asProblem(error: unknown): Problem {
  const code = (error as { code?: unknown }).code;
  return {
    code: typeof code === 'string' ? code : 'model-unusable',
    message: error instanceof Error ? error.message : 'The model can’t be used.',
  };
}
