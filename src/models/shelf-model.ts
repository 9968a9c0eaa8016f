import { z } from 'zod';
import { ModelManifest } from '../pipeline/detect/manifest.ts';
import { Problem } from '../pipeline/media/info.ts';

/** `bundled`: its manifest comes with Framelock. `added`: from the data folder. `folder`: from the further folder of models. */
export const ModelOrigin = z.enum(['bundled', 'added', 'folder']);
export type ModelOrigin = z.infer<typeof ModelOrigin>;

const { title, licence, source, family, labels, input } = ModelManifest.shape;

/** A model as the server shows it. */
export const ShelfModel = z.strictObject({
  name: z.string(),
  origin: ModelOrigin,
  state: z.enum(['ready', 'not-downloaded', 'downloading', 'broken']),
  error: Problem.optional(),
  title,
  licence,
  source,
  family: family.optional(),
  labels: labels.optional(),
  /** Pixels. */
  input: input.pick({ width: true, height: true }).optional(),
  /** Settings that nothing tells: the family's defaults were taken. */
  assumed: z.array(z.string()).optional(),
});
export type ShelfModel = z.infer<typeof ShelfModel>;
