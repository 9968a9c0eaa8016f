import { DetectError } from '../detect-error.ts';
import type { ModelManifest } from '../manifest.ts';
import type { Floats, OutputTensor } from './decoder.ts';

/** The error for outputs that a family doesn't have. */
export function mismatch(outputs: readonly OutputTensor[], manifest: ModelManifest, expected: string): DetectError {
  const seen = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  return new DetectError(
    'model-mismatch',
    `The outputs of ${manifest.name} are not those of the family ${manifest.family} with ${manifest.labels.length} labels at ` +
      `${manifest.input.width}×${manifest.input.height}: expected ${expected} a frame, got ${seen}`,
  );
}

/** @throws DetectError where the tensor does not hold floating-point numbers */
export function floats({ name, data }: OutputTensor, manifest: ModelManifest): Floats {
  if (data instanceof Float32Array || data instanceof Float64Array) return data;
  throw new DetectError('model-unsupported', `The output ${name} of ${manifest.name} does not hold 32-bit floating-point numbers`);
}
