import { EventEmitter } from 'node:events';
import { explain } from '../config/explain.ts';
import { applyChanges, DetectorDefinition, publicEndpoint, type DetectorChanges } from '../config/stream-definition.ts';
import { didYouMean } from '../config/suggest.ts';
import { HttpChoice } from '../pipeline/detect/external/wire.ts';
import type { ExternalDetector, StreamDetector } from '../pipeline/detect/spec.ts';
import type { Problem } from '../pipeline/media/info.ts';
import type { Definitions } from '../store/definitions.ts';
import { Exclusive } from '../util/exclusive.ts';
import { invalid, Refusal, type FieldError } from '../util/refusal.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import type { DetectorModelStats } from './detector-host.ts';
import type { ExternalPort, ModelsPort } from './ports.ts';

/** A detector as a stream names it: by name, or defined in place. */
export type DetectorReference = string | DetectorDefinition;

/** What a {@link DetectorCatalog} is made from. */
export interface DetectorCatalogInit {
  readonly definitions: Definitions<DetectorDefinition>;
  readonly models: ModelsPort;
  readonly external: ExternalPort;
  /** The models that are loaded now. */
  readonly running: () => readonly DetectorModelStats[];
  /** Schemes that addresses may have. */
  readonly schemes: readonly string[];
}

/** A detector that can't run now. */
export interface UnresolvedDetector {
  readonly name: string;
  readonly problem: Problem;
}

/** The detectors of one stream: those that can run, and those that can't. */
export interface ResolvedDetectors {
  readonly ready: StreamDetector[];
  readonly unresolved: UnresolvedDetector[];
}

interface CatalogEvents {
  /** A detector or a model was added, removed or changed. */
  changed: [];
}

/** Statistics of an external detector without a stream or a worker. */
const UNUSED = { state: 'waiting', workers: 0, fps: 0, roundTripMs: 0, lost: 0 } as const;

/** The detectors that streams can name. */
export class DetectorCatalog extends EventEmitter<CatalogEvents> {
  readonly #definitions: Definitions<DetectorDefinition>;
  readonly #models: ModelsPort;
  readonly #external: ExternalPort;
  readonly #running: DetectorCatalogInit['running'];
  readonly #schemes: readonly string[];
  readonly #exclusive = new Exclusive();

  constructor({ definitions, models, external, running, schemes }: DetectorCatalogInit) {
    super();
    this.#definitions = definitions;
    this.#models = models;
    this.#external = external;
    this.#running = running;
    this.#schemes = schemes;
    models.on('changed', () => this.emit('changed'));
  }

  list(): CatalogEntry[] {
    const defined = this.#definitions.list().map(({ value, origin }) => this.#show(value, origin));
    const names = new Set(defined.map(({ name }) => name));
    const implied = this.#models.list().filter(({ name }) => !names.has(name));
    return [...defined, ...implied.map(({ name }) => this.#show({ name, model: name }, 'model'))];
  }

  /** @throws Refusal `detector-not-found` */
  get(name: string): CatalogEntry {
    const entry = this.#find(name);
    if (entry === undefined) throw new Refusal('detector-not-found', `There is no detector “${name}”.`);
    const { origin, ...definition } = entry;
    return this.#show(definition, origin);
  }

  /** The token that workers of a detector may send instead of the server's; undefined if it has none. */
  workerToken(name: string): string | undefined {
    return this.#definitions.get(name)?.value.token;
  }

  /** @throws Refusal `detector-exists`, `invalid` */
  async add(definition: DetectorDefinition): Promise<CatalogEntry> {
    return this.#exclusive.run(definition.name, async () => {
      await this.#lookFor(definition);
      if (this.#definitions.get(definition.name) !== undefined) {
        throw new Refusal('detector-exists', `There is a detector “${definition.name}” already.`);
      }
      return this.#put(definition);
    });
  }

  /** @throws Refusal `detector-not-found`, `detector-of-model`, `invalid` */
  async change(name: string, changes: DetectorChanges): Promise<CatalogEntry> {
    return this.#exclusive.run(name, async () => {
      if (this.get(name).origin === 'model') throw ofModel(name);
      const changed = DetectorDefinition.safeParse(applyChanges<DetectorDefinition>(this.#definitions.get(name)!.value, changes));
      if (!changed.success) throw invalid(explain(changed.error, DetectorDefinition).map(({ path, message }) => ({ path, message })));
      await this.#lookFor(changed.data);
      return this.#put(changed.data);
    });
  }

  /** @throws Refusal `detector-not-found`, `detector-of-model` */
  async remove(name: string): Promise<void> {
    await this.#exclusive.run(name, async () => {
      if (this.get(name).origin === 'model') throw ofModel(name);
      await this.#definitions.delete(name);
      this.emit('changed');
    });
  }

  /** Checks that a stream's references exist; looks again for models that are missing. */
  async checkAnew(references: readonly DetectorReference[]): Promise<FieldError[]> {
    if (this.check(references).length > 0) await this.#models.refresh();
    return this.check(references);
  }

  /** Checks a stream's references against what is known. */
  check(references: readonly DetectorReference[]): FieldError[] {
    return references.flatMap((reference, index) => {
      if (typeof reference !== 'string') return this.checkDefinition(reference, `detectors[${index}].`);
      if (this.#find(reference) !== undefined) return [];
      const known = this.list().map(({ name }) => name);
      return [
        { path: `detectors[${index}]`, message: `There is no detector or model “${reference}”.${didYouMean(reference, known)} ${listing(known)}` },
      ];
    });
  }

  /** Checks the model and the endpoint of a definition. @param prefix prepended to the paths of its fields */
  checkDefinition({ model, endpoint }: Pick<DetectorDefinition, 'model' | 'endpoint'>, prefix = ''): FieldError[] {
    const scheme = endpoint === undefined || endpoint === 'worker' ? undefined : new URL(endpoint).protocol.slice(0, -1);
    if (scheme !== undefined && !this.#schemes.includes(scheme)) {
      return [{ path: `${prefix}endpoint`, message: `Addresses of ${scheme}:// are not allowed here (sources.allow).` }];
    }
    return model === undefined ? [] : this.#checkModel(model, `${prefix}model`);
  }

  #checkModel(name: string, path: string): FieldError[] {
    const known = this.#models.list().map((model) => model.name);
    if (known.includes(name)) return [];
    return [{ path, message: `There is no model “${name}”.${didYouMean(name, known)} ${listing(known)}` }];
  }

  /** Resolves a stream's references. A detector that can't run now does not affect the others. */
  async resolve(references: readonly DetectorReference[]): Promise<ResolvedDetectors> {
    const ready: StreamDetector[] = [];
    const unresolved: UnresolvedDetector[] = [];
    for (const reference of references) {
      const name = typeof reference === 'string' ? reference : reference.name;
      const entry = typeof reference === 'string' ? this.#find(reference) : reference;
      try {
        if (entry === undefined) throw new Refusal('detector-not-found', `There is no detector or model “${name}” here.`);
        const { classes, threshold, fps, every, region, late, attach } = entry;
        const asked = Object.fromEntries(Object.entries({ classes, threshold, fps, every, region, late, attach }).filter(([, value]) => value !== undefined));
        const external = this.#outside(entry);
        ready.push(external === undefined ? { name, model: await this.#models.resolve(entry.model!), ...asked } : { name, external, ...asked });
      } catch (error) {
        unresolved.push({ name, problem: asProblem(error) });
      }
    }
    return { ready, unresolved };
  }

  /** How to reach an external detector; undefined for a model. */
  #outside({ endpoint, frames }: DetectorDefinition): ExternalDetector['external'] | undefined {
    if (endpoint === undefined) return undefined;
    this.#external.start();
    const { socketPath: socket } = this.#external;
    if (endpoint === 'worker') return { socket, endpoint: { kind: 'worker' } };
    return { socket, endpoint: { kind: 'http', url: new URL(endpoint).href, choice: HttpChoice.parse(frames ?? {}) } };
  }

  async #lookFor(definition: DetectorDefinition): Promise<void> {
    if (this.checkDefinition(definition).length > 0) await this.#models.refresh();
  }

  /** With its current statistics, and without credentials. */
  #show({ token: _token, ...definition }: DetectorDefinition, origin: CatalogEntry['origin']): CatalogEntry {
    const { endpoint } = definition;
    if (endpoint === undefined) return { ...definition, origin, ...this.#runs(definition.model) };
    const { detector: _detector, ...stats } = this.#external.stats(definition.name) ?? { detector: '', ...UNUSED };
    return { ...definition, endpoint: publicEndpoint(endpoint), origin, stats };
  }

  #runs(model: string | undefined): Pick<CatalogEntry, 'runs'> {
    const loaded = this.#running().find(({ name }) => name === model);
    return loaded === undefined ? {} : { runs: { provider: loaded.provider, passedOver: loaded.passedOver } };
  }

  #find(name: string): (DetectorDefinition & Pick<CatalogEntry, 'origin'>) | undefined {
    const defined = this.#definitions.get(name);
    if (defined !== undefined) return { ...defined.value, origin: defined.origin };
    return this.#models.list().some((model) => model.name === name) ? { name, model: name, origin: 'model' } : undefined;
  }

  async #put(definition: DetectorDefinition): Promise<CatalogEntry> {
    const errors = this.checkDefinition(definition);
    if (errors.length > 0) throw invalid(errors);
    const { value, origin } = await this.#definitions.put(definition);
    this.emit('changed');
    return this.#show(value, origin);
  }
}

function ofModel(name: string): Refusal {
  return new Refusal('detector-of-model', `The detector “${name}” comes with its model. Add one of your own (POST /api/detectors) to change anything.`);
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
