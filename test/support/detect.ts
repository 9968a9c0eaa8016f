import { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG } from 'node-av/constants';
import { COCO80 } from '../../src/pipeline/detect/coco80.ts';
import type { InputSpec, ModelManifest } from '../../src/pipeline/detect/manifest.ts';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';

/** An input of 64×64 that takes pictures as they are. */
export const PLAIN_INPUT: InputSpec = {
  width: 64,
  height: 64,
  color: 'rgb',
  layout: 'nchw',
  resize: 'stretch',
  anchor: 'center',
  pad: 0,
  scale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

export function manifestOf(changes: Partial<Omit<ModelManifest, 'input'>> & { input?: Partial<InputSpec> } = {}): ModelManifest {
  const { input, ...rest } = changes;
  return { name: 'model', family: 'yolov8', file: 'model.onnx', labels: ['cat', 'dog'], threshold: 0.25, ...rest, input: { ...PLAIN_INPUT, ...input } };
}

export const COCO_LABELS = [...COCO80];

/** A picture of one colour. */
export function flatPicture(width: number, height: number, luma: number, range: Picture['range'] = 'full'): Picture {
  const picture = newPicture(width, height, { colorRange: range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG });
  picture.planes.forEach((plane, i) => plane.fill(i === 0 ? luma : 128));
  return picture;
}
