import { COCO80 } from '../../src/pipeline/detect/coco80.ts';
import type { InputSpec, ModelManifest } from '../../src/pipeline/detect/manifest.ts';
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

/** A picture of one colour in memory of its own; nothing of libav is behind it. */
export function flatPicture(width: number, height: number, luma: number, range: Picture['range'] = 'full'): Picture {
  const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  return {
    width,
    height,
    writable: true,
    range,
    planes: [Buffer.alloc(width * height, luma), Buffer.alloc(w * h, 128), Buffer.alloc(w * h, 128)],
    strides: [width, w, w],
    frame: undefined as unknown as Picture['frame'],
    release: () => undefined,
  };
}
