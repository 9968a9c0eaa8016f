import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { Box } from '../annotation.ts';
import { Join } from '../compose/options.ts';
import { Endpoint } from './external/endpoint.ts';
import { ModelManifest } from './manifest.ts';

/** A model whose file is in place and whose manifest is complete: it can be loaded as it is. */
export const ResolvedModel = z.strictObject({
  name: z.string(),
  /** Absolute path of the ONNX file. */
  file: z.string().refine(isAbsolute, 'is an absolute path'),
  manifest: ModelManifest,
  sha256: z.string().optional(),
});
export type ResolvedModel = z.infer<typeof ResolvedModel>;

/** A part of the frame that has pixels inside the frame. */
const Region = Box.refine(([x, y, w, h]) => x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 1 + 1e-9 && y + h <= 1 + 1e-9, {
  message: 'is [x, y, width, height] as fractions of the frame, inside it',
});

/** What is asked of a detector. */
const asked = {
  /** Labels that are wanted; all where absent. */
  classes: z.array(z.string()).optional(),
  /** Least score, 0…1; the model's own where absent. */
  threshold: z.number().min(0).max(1).optional(),
  /** Most frames a second that are looked at. */
  fps: z.number().positive().optional(),
  /** Look at one frame in so many. */
  every: z.number().int().positive().optional(),
  /** Look at this part of the frame only. */
  region: Region.optional(),
  ...Join.shape,
};

/** What is asked of a detector. */
export type Asked = z.infer<z.ZodObject<typeof asked>>;

/** A detector of a stream: a model and what is asked of it. */
export const ResolvedDetector = z.strictObject({ name: z.string(), model: ResolvedModel, ...asked });
export type ResolvedDetector = z.infer<typeof ResolvedDetector>;

/** A detector of a stream that runs outside of this server. */
export const ExternalDetector = z.strictObject({
  name: z.string(),
  external: z.strictObject({
    /** Path of the unix socket of the process of external detectors. */
    socket: z.string(),
    endpoint: Endpoint,
  }),
  ...asked,
});
export type ExternalDetector = z.infer<typeof ExternalDetector>;

/** One detector of a stream. */
export const StreamDetector = z.union([ResolvedDetector, ExternalDetector]);
export type StreamDetector = z.infer<typeof StreamDetector>;
