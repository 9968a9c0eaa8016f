import { z } from 'zod';

/**
 * When a frame may go on: `exact` waits for its own results, `predict` never waits and moves boxes to the frame's time,
 * `interpolate` waits for the next detection too.
 */
export const SyncPolicy = z.enum(['exact', 'predict', 'interpolate']);
export type SyncPolicy = z.infer<typeof SyncPolicy>;

/** What is drawn onto the `annotated` variant. */
export const OverlayOptions = z.strictObject({
  boxes: z.boolean().default(true),
  labels: z.boolean().default(true),
  scores: z.boolean().default(true),
  /** Label as a model names it → text to draw, in any script. */
  names: z.record(z.string(), z.string()).default({}),
  /** Label → `#rrggbb`; a label without one gets a colour from the palette. */
  colors: z.record(z.string(), z.string().regex(/^#[0-9a-fA-F]{6}$/)).default({}),
});
export type OverlayOptions = z.infer<typeof OverlayOptions>;
