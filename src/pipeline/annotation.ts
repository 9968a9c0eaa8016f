import { z } from 'zod';
import { LineState, ZoneState } from './analytics/events.ts';

/** `[x, y, width, height]` of a box: top left and size, as fractions of the frame. */
export const Box = z.tuple([z.number(), z.number(), z.number(), z.number()]);
export type Box = z.infer<typeof Box>;

const seen = {
  /** Name of the detector that saw it. */
  detector: z.string(),
  label: z.string(),
  /** Confidence, 0…1. */
  score: z.number(),
  box: Box,
  /** Identity over frames, given by a tracker; unique within the stream. */
  track: z.number().int().optional(),
  /** All detectors whose boxes this one is the average of; `detector` gave the most certain one. */
  mergedFrom: z.array(z.string()).optional(),
};

/** A part or property of something else, as a detector saw it: the face of a person, the plate of a car. */
export const Attribute = z.object(seen);
export type Attribute = z.infer<typeof Attribute>;

/** One thing that one detector saw on one frame: the currency between models, trackers, the composer, drawing and clients. */
export const Detection = z.object({
  ...seen,
  /** What other detectors saw of it; absent where that is nothing. */
  attributes: z.array(Attribute).optional(),
});
export type Detection = z.infer<typeof Detection>;

/** How fresh one detector's part of an annotation is. */
export const Freshness = z.object({
  /** Frames since the one that the detector's result was computed on: 0 is this very frame. */
  age: z.number().int().nonnegative(),
});
export type Freshness = z.infer<typeof Freshness>;

/**
 * Everything that is known about one frame. The same message goes over the data channel, server-sent events, WebSocket and into
 * sidecar files.
 */
export const AnnotationMessage = z.object({
  stream: z.string(),
  seq: z.number().int().nonnegative(),
  /** RTP timestamp of the frame: 90 kHz ticks, uint32. */
  rtp: z.number().int().nonnegative(),
  /** Milliseconds since the epoch. */
  capturedAt: z.number(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  detections: z.array(Detection),
  /** One entry a detector that has ever given a result; a detector without one is absent. */
  detectors: z.record(z.string(), Freshness),
  /** True where the frame is not the source's own: a slate, which is shown while the source is away. */
  slate: z.literal(true).optional(),
  /** By name, who is in a zone; absent where the stream has no zones. */
  zones: z.record(z.string(), ZoneState).optional(),
  /** By name, who crossed a line; absent where the stream has no lines. */
  lines: z.record(z.string(), LineState).optional(),
});
export type AnnotationMessage = z.infer<typeof AnnotationMessage>;
