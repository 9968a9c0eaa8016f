import { z } from 'zod';

/**
 * When a frame may go on: `exact` waits for its own results, `predict` never waits and moves boxes to the frame's time,
 * `interpolate` waits for the next detection too.
 */
export const SyncPolicy = z.enum(['exact', 'predict', 'interpolate']);
export type SyncPolicy = z.infer<typeof SyncPolicy>;

/**
 * What happens while a detector has not answered: the frame waits up to its deadline; or its last result is carried along by its
 * tracks; or nothing of it is shown.
 */
export const Late = z.enum(['wait', 'carry', 'skip']);
export type Late = z.infer<typeof Late>;

/** How boxes of several detectors are merged: not at all; the most certain one stays; or they become their weighted average. */
export const MergeMode = z.enum(['union', 'nms', 'wbf']);
export type MergeMode = z.infer<typeof MergeMode>;

/** Whose boxes a detector's boxes are attributes of. */
export const Attach = z.strictObject({
  /** Labels of those boxes. */
  to: z.array(z.string().min(1).max(100)).min(1).max(100),
  /** Least share of a box, 0…1, that lies in the other; 0.5 where absent. */
  minOverlap: z.number().gt(0).max(1).optional(),
});
export type Attach = z.infer<typeof Attach>;

/** How a detector's results are joined with frames and with those of others. */
export const Join = z.strictObject({
  /** As the stream's policy says where absent. */
  late: Late.optional(),
  attach: Attach.optional(),
});
export type Join = z.infer<typeof Join>;

/** The language of what a stream says in its own picture. */
export const OverlayLanguage = z.enum(['both', 'en', 'zh-CN']);
export type OverlayLanguage = z.infer<typeof OverlayLanguage>;

/** What is drawn onto the `annotated` variant. */
export const OverlayOptions = z.strictObject({
  boxes: z.boolean().default(true),
  /** `box`: four sides; `corners`: corners alone. */
  style: z.enum(['box', 'corners']).default('box'),
  labels: z.boolean().default(true),
  scores: z.boolean().default(true),
  /** The ways that tracked things came. */
  trails: z.boolean().default(false),
  /** How many things of each label there are. */
  counts: z.boolean().default(false),
  /** Where things stood most lately. */
  heatmap: z.boolean().default(false),
  /** Zones and lines, with what they count. */
  zones: z.boolean().default(true),
  /** Of slates, which stand in for a source without a picture, in every variant. */
  language: OverlayLanguage.default('both'),
  /** Label as a model names it → text to draw, in any script. */
  names: z.record(z.string(), z.string()).default({}),
  /** Label → `#rrggbb`; a label without one gets a colour from the palette. */
  colors: z.record(z.string(), z.string().regex(/^#[0-9a-fA-F]{6}$/)).default({}),
});
export type OverlayOptions = z.infer<typeof OverlayOptions>;
