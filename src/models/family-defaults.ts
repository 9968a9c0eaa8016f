import type { Family, InputSpec } from '../pipeline/detect/manifest.ts';
import type { ModelFacts } from '../pipeline/detect/model-facts.ts';

/** The usual settings of a family's models that a file does not contain, as their own projects train and export them. */
export interface FamilyDefaults {
  readonly input: Omit<InputSpec, 'width' | 'height' | 'layout'>;
  readonly threshold: number;
  /** Absent if the family needs no suppression. */
  readonly nms?: number;
}

type Normalisation = Pick<InputSpec, 'scale' | 'mean' | 'std'>;
type Placement = Pick<InputSpec, 'resize' | 'anchor' | 'pad'>;

/** Unchanged values, 0…255. */
export const UNCHANGED: Normalisation = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
const FRACTIONS: Normalisation = { ...UNCHANGED, scale: 1 / 255 };

const STRETCH: Placement = { resize: 'stretch', anchor: 'center', pad: 0 };
const LETTERBOX: Placement = { resize: 'letterbox', anchor: 'center', pad: 114 };

const NANODET: FamilyDefaults = {
  input: { color: 'bgr', ...LETTERBOX, pad: 0, scale: 1, mean: [103.53, 116.28, 123.675], std: [57.375, 57.12, 58.395] },
  threshold: 0.4,
  nms: 0.6,
};

const DEFAULTS: Readonly<Record<Family, FamilyDefaults>> = {
  yolox: { input: { color: 'bgr', ...LETTERBOX, anchor: 'top-left', ...UNCHANGED }, threshold: 0.35, nms: 0.5 },
  yolov8: { input: { color: 'rgb', ...LETTERBOX, ...FRACTIONS }, threshold: 0.35, nms: 0.5 },
  end2end: { input: { color: 'rgb', ...LETTERBOX, ...FRACTIONS }, threshold: 0.35 },
  detr: { input: { color: 'rgb', ...STRETCH, ...FRACTIONS }, threshold: 0.4 },
  /** PicoDet's; NanoDet differs, and is recognised by the names of its outputs. */
  gfl: { input: { color: 'rgb', ...STRETCH, scale: 1, mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] }, threshold: 0.4, nms: 0.6 },
  /** UltraFace's. */
  ssd: { input: { color: 'rgb', ...STRETCH, scale: 1, mean: [127, 127, 127], std: [128, 128, 128] }, threshold: 0.7, nms: 0.4 },
  fastestdet: { input: { color: 'bgr', ...STRETCH, ...FRACTIONS }, threshold: 0.6, nms: 0.45 },
};

/** @param facts of the file, if there is one */
export function familyDefaults(family: Family, facts: ModelFacts | undefined): FamilyDefaults {
  const nanodet = family === 'gfl' && facts?.outputs.some(({ name }) => name.startsWith('cls_pred_stride_')) === true;
  return nanodet ? NANODET : DEFAULTS[family];
}
