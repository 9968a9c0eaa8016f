import { z } from 'zod';

/** Across a line: `in` to the right of somebody who walks from its `from` to its `to`, `out` to the left. */
export const Direction = z.enum(['in', 'out']);
export type Direction = z.infer<typeof Direction>;

/** What all events say: the frame that brought it, and who it is about. */
const about = {
  stream: z.string(),
  seq: z.number().int().nonnegative(),
  /** 90 kHz ticks, uint32. */
  rtp: z.number().int().nonnegative(),
  /** Milliseconds since the epoch. */
  capturedAt: z.number(),
  /** Frames since the one that the detector's result was computed on. */
  age: z.number().int().nonnegative(),
  detector: z.string(),
  track: z.number().int(),
  label: z.string(),
  /** So many events of the stream were left out before this one, because they were too many; set where it is told. */
  dropped: z.number().int().positive().optional(),
};

export const ZoneEntered = z.strictObject({ type: z.literal('zone.entered'), ...about, zone: z.string() });

export const ZoneLeft = z.strictObject({
  type: z.literal('zone.left'),
  ...about,
  zone: z.string(),
  /** From the first to the last time it was seen inside, in ms. */
  dwellMs: z.number().nonnegative(),
  /** `moved`: it was seen outside. `lost`: it is no longer seen. */
  reason: z.enum(['moved', 'lost']),
});

export const LineCrossed = z.strictObject({ type: z.literal('line.crossed'), ...about, line: z.string(), direction: Direction });

/** Something that a stream's picture showed. */
export const SceneEvent = z.discriminatedUnion('type', [ZoneEntered, ZoneLeft, LineCrossed]);
export type SceneEvent = z.infer<typeof SceneEvent>;

/** Label → how many. */
export const Tally = z.record(z.string(), z.number().int().nonnegative());
export type Tally = z.infer<typeof Tally>;

/** Who is in a zone now. */
export const ZoneState = z.strictObject({
  counts: Tally,
  /** Track → how long it has been inside, in ms. */
  dwell: z.record(z.string(), z.number().nonnegative()),
});
export type ZoneState = z.infer<typeof ZoneState>;

/** How many have crossed a line since it was drawn or its counts were reset. */
export const LineState = z.strictObject({ in: Tally, out: Tally });
export type LineState = z.infer<typeof LineState>;
