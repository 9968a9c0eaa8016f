import { COCO80 } from '../pipeline/detect/coco80.ts';
import { Family, ModelManifest, type InputSpec, type ManifestFile } from '../pipeline/detect/manifest.ts';
import type { ModelFacts } from '../pipeline/detect/model-facts.ts';
import { familyDefaults, UNCHANGED } from './family-defaults.ts';
import { classesOf, inferFamily, metadataLabels, metadataSize } from './infer-family.ts';
import { ModelError } from './model-error.ts';

export interface CompletedManifest {
  readonly manifest: ModelManifest;
  /** Settings in neither the manifest nor the file, for which the family's defaults are used. */
  readonly assumed: readonly string[];
}

/** Whether a manifest contains everything that would be read from the file. */
export function tellsAll({ family, labels, input }: ManifestFile): boolean {
  return [family, labels, input?.width, input?.height, input?.layout].every((setting) => setting !== undefined);
}

/** The input size, if it is known without running the file. */
export function givenSize({ input }: ManifestFile, facts?: ModelFacts): { width: number; height: number } | undefined {
  if (input?.width !== undefined && input.height !== undefined) return { width: input.width, height: input.height };
  return facts === undefined ? undefined : metadataSize(facts.metadata);
}

/**
 * Fills in what a manifest leaves out: from the file, else with the family's defaults.
 *
 * @param facts of the file; may be absent if the manifest `tellsAll`
 * @throws ModelError `model-ambiguous`, with the name of the missing setting
 */
export function completeManifest(given: ManifestFile, name: string, file: string, facts: ModelFacts | undefined): CompletedManifest {
  const assumed: string[] = [];
  const shape = inputShape(given, name, facts);
  const family = given.family ?? (facts && inferFamily(facts, shape));
  if (family === undefined) {
    const outputs = facts?.outputs.map(({ name: output, dims }) => `${output} [${dims.join(', ')}]`).join(', ') ?? 'unknown';
    throw ambiguous(name, 'family', `its outputs (${outputs}) fit no family, or several; one of ${Family.options.join(', ')}`);
  }
  const defaults = familyDefaults(family, facts);
  const taken = <T>(setting: string, value: T | undefined, fallback: T): T => {
    if (value === undefined) assumed.push(setting);
    return value ?? fallback;
  };
  const { input = {} } = given;
  const normalised = input.scale ?? input.mean ?? input.std;
  const values = normalised === undefined ? defaults.input : UNCHANGED;
  if (normalised === undefined) assumed.push('input.scale, mean and std');
  const resize = taken('input.resize', input.resize, defaults.input.resize);
  const nms = given.nms ?? defaults.nms;
  const { nms: _nms, labels: _labels, ...described } = given;
  const manifest: ModelManifest = {
    ...described,
    name,
    file,
    family,
    input: {
      ...shape,
      color: taken('input.color', input.color, defaults.input.color),
      resize,
      anchor: resize === 'stretch' ? (input.anchor ?? 'center') : taken('input.anchor', input.anchor, defaults.input.anchor),
      pad: resize === 'stretch' ? (input.pad ?? 0) : taken('input.pad', input.pad, defaults.input.pad),
      scale: input.scale ?? values.scale,
      mean: input.mean ?? values.mean,
      std: input.std ?? values.std,
    },
    labels: labelsOf(given, family, name, facts, assumed),
    threshold: taken('threshold', given.threshold, defaults.threshold),
    ...(nms === undefined || nms === 'none' ? {} : { nms }),
  };
  return { manifest: ModelManifest.parse(manifest), assumed };
}

function inputShape({ input = {} }: ManifestFile, name: string, facts: ModelFacts | undefined): Pick<InputSpec, 'width' | 'height' | 'layout'> {
  const dims = facts?.inputs.find((one) => one.dims.length === 4)?.dims;
  const layout = input.layout ?? (dims !== undefined && dims[3] === 3 && dims[1] !== 3 ? 'nhwc' : 'nchw');
  const [height, width] = layout === 'nchw' ? [dims?.[2], dims?.[3]] : [dims?.[1], dims?.[2]];
  const written = facts && metadataSize(facts.metadata);
  return {
    layout,
    width: side(name, 'input.width', input.width, width, written?.width),
    height: side(name, 'input.height', input.height, height, written?.height),
  };
}

function side(name: string, setting: string, ...known: (number | string | undefined)[]): number {
  const size = known.find((one) => typeof one === 'number');
  if (size === undefined) throw ambiguous(name, setting, 'its input has no fixed size');
  return size;
}

function labelsOf(given: ManifestFile, family: Family, name: string, facts: ModelFacts | undefined, assumed: string[]): string[] {
  const classes = facts && classesOf(family, facts);
  const labels = given.labels ?? (facts && metadataLabels(facts.metadata));
  if (labels !== undefined) {
    if (classes === undefined || classes === labels.length || (family === 'detr' && classes === labels.length + 1)) return labels;
    throw new ModelError('model-broken', `${name} has ${classes} classes, but ${labels.length} labels are given: correct \`labels\` in its manifest`);
  }
  assumed.push('labels');
  if (classes === undefined || classes === COCO80.length) return [...COCO80];
  if (classes === 1) return [family === 'ssd' ? 'face' : nameless(name)];
  throw ambiguous(name, 'labels', `its ${classes} classes have no names`);
}

/** The label of a model with one unnamed class, from the model's name, such as `light_person_detector`. */
function nameless(name: string): string {
  const words = name.toLowerCase().split(/[^a-z]+/);
  return COCO80.find((label) => words.includes(label)) ?? 'object';
}

function ambiguous(name: string, setting: string, why: string): ModelError {
  return new ModelError('model-ambiguous', `${name}: \`${setting}\` can't be told from the file, because ${why}. Give it in ${name}.yaml beside the file`);
}
