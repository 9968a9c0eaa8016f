import { z } from 'zod';
import { COCO80 } from './coco80.ts';

/** How a model's outputs are read: one small decoder each. */
export const Family = z.enum(['yolox', 'yolov8', 'end2end', 'detr', 'gfl', 'ssd', 'fastestdet']);
export type Family = z.infer<typeof Family>;

const side = z.number().int().min(16).max(4096);
const perChannel = z.tuple([z.number(), z.number(), z.number()]);

/** How a picture becomes the model's input tensor: `(value · scale − mean) ⁄ std` of each 0…255 value. */
export const InputSpec = z.strictObject({
  /** Pixels. */
  width: side,
  height: side,
  /** Order of the channels; `mean` and `std` are in this order too. */
  color: z.enum(['rgb', 'bgr']),
  layout: z.enum(['nchw', 'nhwc']),
  /** `letterbox` keeps the aspect and fills the rest with `pad`; `stretch` fills the input with the picture. */
  resize: z.enum(['letterbox', 'stretch']),
  /** Where a letterboxed picture sits. */
  anchor: z.enum(['center', 'top-left']),
  /** Value of the filling, 0…255, before normalisation. */
  pad: z.number().int().min(0).max(255),
  /** Multiplier applied to the 0…255 values first. */
  scale: z.number().positive(),
  mean: perChannel,
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
});
export type InputSpec = z.infer<typeof InputSpec>;

const fraction = z.number().min(0).max(1);
const labelList = z.array(z.string().min(1).max(100)).min(1).max(10_000);

const described = {
  title: z.string().max(200).optional(),
  /** Where the file can be had, pinned to a version. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is 64 lower-case hexadecimal digits').optional(),
  licence: z.string().max(200).optional(),
  /** Who made it, from which project. */
  source: z.string().max(500).optional(),
};

export const ModelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'consists of letters, digits, dots, dashes and underscores');

/** Everything that is needed to run a model and read what it says: nothing is left to guess. */
export const ModelManifest = z.strictObject({
  name: ModelName,
  ...described,
  family: Family,
  /** Name of the ONNX file. */
  file: z.string().min(1),
  input: InputSpec,
  labels: labelList,
  /** Least score of a detection, 0…1. */
  threshold: fraction,
  /** Greatest IoU of two boxes of one class that both stay; absent: no suppression. */
  nms: fraction.optional(),
});
export type ModelManifest = z.infer<typeof ModelManifest>;

/**
 * A manifest as it is written in `model.yaml` or `NAME.yaml`. What is left out is inferred from the ONNX file, or is the family's
 * default.
 */
export const ManifestFile = z.strictObject({
  name: ModelName.optional(),
  ...described,
  family: Family.optional(),
  file: z.string().regex(/^[^/\\]+$/, 'is a file name without a folder').optional(),
  input: InputSpec.partial().optional(),
  labels: z.union([labelList, z.literal('coco80').transform(() => [...COCO80])]).optional(),
  threshold: fraction.optional(),
  /** `none` switches suppression off where the family usually needs it. */
  nms: z.union([fraction, z.literal('none')]).optional(),
});
export type ManifestFile = z.infer<typeof ManifestFile>;
