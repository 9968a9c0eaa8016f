import type { Config } from '../config/schema.ts';
import type { StreamDefinition } from '../config/stream-definition.ts';
import type { DetectorCatalog, DetectorReference, ResolvedDetectors } from '../detectors/detector-catalog.ts';
import type { ModelsPort } from '../detectors/ports.ts';
import { invalid } from '../util/refusal.ts';
import { checkSource, isDemo, settingsOf, type StreamSettings } from './stream-settings.ts';

/** What a {@link DefinitionResolver} is made from. */
export interface DefinitionResolverInit {
  readonly config: Config;
  readonly catalog: DetectorCatalog;
  readonly models: Pick<ModelsPort, 'defaults'>;
  /** Path of the detector process's unix socket. */
  readonly detectorSocket: string;
}

/** Resolves definitions of streams with the current configuration, detectors and files. */
export class DefinitionResolver {
  readonly #init: DefinitionResolverInit;

  constructor(init: DefinitionResolverInit) {
    this.#init = init;
  }

  /** @throws Refusal `invalid`, with all wrong values */
  async check(definition: StreamDefinition): Promise<void> {
    const detectors = await this.#init.catalog.checkAnew(definition.detectors ?? []);
    const errors = [...(await checkSource(definition, this.#init.config)), ...detectors];
    if (errors.length > 0) throw invalid(errors);
  }

  /** The detectors that a definition names, or the default ones. */
  references(definition: StreamDefinition): readonly DetectorReference[] {
    const { demo, other } = this.#init.models.defaults;
    return definition.detectors ?? [isDemo(definition) ? demo : other];
  }

  async resolve(definition: StreamDefinition): Promise<ResolvedDetectors> {
    return this.#init.catalog.resolve(this.references(definition));
  }

  settings(definition: StreamDefinition, { ready }: ResolvedDetectors): StreamSettings {
    return settingsOf(definition, ready, this.#init.config, this.#init.detectorSocket);
  }
}
