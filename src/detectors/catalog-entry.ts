import { z } from 'zod';
import { DetectorDefinition } from '../config/stream-definition.ts';
import { PassedOver } from '../pipeline/detect/loaded-model.ts';
import { ExternalStats } from '../pipeline/detect/external/external-events.ts';

const { token: _token, ...shown } = DetectorDefinition.shape;

/** A detector that can be named, as it is shown: without credentials. */
export const CatalogEntry = z.strictObject({
  ...shown,
  /** Where it comes from; `model`: with the model of its name. */
  origin: z.enum(['config', 'api', 'model']),
  /** Of one that runs outside of this server: how it does. */
  stats: ExternalStats.omit({ detector: true }).optional(),
  /** Of a model that is loaded: the execution provider that runs it, and those that don't. */
  runs: z.strictObject({ provider: z.string(), passedOver: z.array(PassedOver) }).optional(),
});
export type CatalogEntry = z.infer<typeof CatalogEntry>;
