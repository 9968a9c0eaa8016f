import { join } from 'node:path';
import { explain } from '../../config/explain.ts';
import type { Config } from '../../config/schema.ts';
import { DetectorDefinition } from '../../config/stream-definition.ts';
import { didYouMean } from '../../config/suggest.ts';
import { ModelStore } from '../../models/index.ts';
import type { Endpoint } from '../../pipeline/detect/external/endpoint.ts';
import { HttpChoice } from '../../pipeline/detect/external/wire.ts';
import type { Asked, ResolvedDetector } from '../../pipeline/detect/spec.ts';
import { DetectRunError } from './detect-run-error.ts';
import type { OutsideDetector } from './outside-on-film.ts';

/** A detector of a run: a model, or an external algorithm. */
export type NamedDetector = ResolvedDetector | OutsideDetector;

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Finds the detectors that the command line names: configured ones, else models, else `NAME=ENDPOINT`.
 * @param asked overrides what is configured
 * @throws DetectRunError, ModelError
 */
export async function namedDetectors(texts: readonly string[], asked: Pick<Asked, 'every' | 'fps' | 'classes' | 'threshold'>, config: Config): Promise<NamedDetector[]> {
  const store = new ModelStore({ bundledDir: join(ROOT, 'models'), dataDir: config.dataDir, extraDir: config.modelsDir });
  const known = [...new Set([...Object.keys(config.detectors), ...(await store.list()).map(({ name }) => name)])];
  const given = defined(asked);
  const detectors: NamedDetector[] = [];
  for (const text of new Set(texts)) {
    const { name, model = name, endpoint, frames, token: _token, ...settings } = definitionOf(text, known, config);
    const detector = { name, ...defined(settings), ...given };
    detectors.push(endpoint === undefined ? { ...detector, model: await store.resolve(model) } : { ...detector, endpoint: endpointOf(endpoint, frames) });
  }
  const names = detectors.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new DetectRunError(`The detector “${twice}” is named twice.`);
  return detectors;
}

function definitionOf(text: string, known: readonly string[], config: Config): DetectorDefinition {
  const [, name, endpoint] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) {
    if (!known.includes(text)) throw new DetectRunError(`There is no detector or model “${text}”.${didYouMean(text, known)} Known: ${known.join(', ')}.`);
    return { name: text, ...config.detectors[text] };
  }
  const parsed = DetectorDefinition.safeParse({ name, endpoint });
  if (parsed.success) return parsed.data;
  const [wrong] = explain(parsed.error, DetectorDefinition);
  throw new DetectRunError(`“${text}” is no detector: ${wrong?.path ?? ''}: ${wrong?.message ?? ''}`);
}

function endpointOf(endpoint: string, frames: DetectorDefinition['frames']): Endpoint {
  return endpoint === 'worker' ? { kind: 'worker' } : { kind: 'http', url: new URL(endpoint).href, choice: HttpChoice.parse(frames ?? {}) };
}

function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
