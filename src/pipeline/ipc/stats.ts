import { z } from 'zod';
import { ActiveEncoder } from '../encode/options.ts';
import { Problem, RenditionSpec } from '../media/info.ts';
import { TranscodeReason } from '../passthrough/transcode-reason.ts';

/** Two percentiles of a span of time, in milliseconds, over the last seconds. */
export const Percentiles = z.strictObject({ p50: z.number(), p95: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

/** What one output did since it was opened. */
export const OutputStats = z.strictObject({
  /** As in `output-open`. */
  id: z.number().int(),
  /** Units that were dropped because its receiver was too slow. */
  dropped: z.number().int(),
  /** RTP sequence number of the last packet sent; only of RTP. */
  sequence: z.number().int().optional(),
});
export type OutputStats = z.infer<typeof OutputStats>;

/** What was done for one rendition in the last second. */
export const RenditionStats = z.strictObject({
  ...RenditionSpec.shape,
  /** Passed on as the source has it, without an encode. */
  forwarded: z.boolean(),
  /** Why not; only of the clean variant. */
  encoded: TranscodeReason.optional(),
  encoder: ActiveEncoder.optional(),
  /** Why an encoder earlier in the chain was given up while running. */
  fallback: Problem.optional(),
  /** Bits made in the last second. */
  bitrate: z.number(),
  /** Frames made, key frames among them, and frames dropped because the encoder was busy; since the start. */
  frames: z.number().int(),
  idrs: z.number().int(),
  dropped: z.number().int(),
});
export type RenditionStats = z.infer<typeof RenditionStats>;

/** What was done with the sound in the last second. */
export const AudioStats = z.strictObject({
  /** Bits made in the last second. */
  bitrate: z.number(),
  /** Opus packets made, and coded packets dropped because too many waited; since the start. */
  packets: z.number().int(),
  dropped: z.number().int(),
});
export type AudioStats = z.infer<typeof AudioStats>;

/** What one detector did for this stream. */
export const DetectorStats = z.strictObject({
  state: z.enum(['connecting', 'loading', 'waiting', 'ready', 'failed', 'closed']),
  error: Problem.optional(),
  fps: z.number(),
  inferenceMs: z.number(),
  /** Frames of the stream; those that it looked at; those that were due and passed because it was busy or not there. Since it runs. */
  offered: z.number().int(),
  taken: z.number().int(),
  skipped: z.number().int(),
  /** Milliseconds that a frame waited for the model, median; frames that were run together, mean. Of models only. */
  queueMs: z.number().optional(),
  batch: z.number().optional(),
  /** Frames since its last result; absent before the first. */
  age: z.number().int().optional(),
  /** Of external detectors: how many work for it, milliseconds from taking a frame to its result, and frames that got none. */
  workers: z.number().int().optional(),
  roundTripMs: z.number().optional(),
  lost: z.number().int().optional(),
});
export type DetectorStats = z.infer<typeof DetectorStats>;

/** Measurements of one stream process, once a second. */
export const StreamStats = z.strictObject({
  /** Frames that left the composer in the last second. */
  fps: z.number(),
  /** Frames lost since the start to a pipeline that was full, before the decoder, behind it and before the encoder. */
  dropped: z.number().int(),
  /** From a frame's birth to its last packet being sent. */
  latency: z.strictObject({ decodeToSendMs: Percentiles }),
  detectors: z.record(z.string(), DetectorStats),
  renditions: z.array(RenditionStats),
  outputs: z.array(OutputStats),
  /** While somebody listens. */
  audio: AudioStats.optional(),
  /** The process: microseconds of CPU used since its start, bytes of memory. */
  cpuUs: z.number(),
  rss: z.number(),
});
export type StreamStats = z.infer<typeof StreamStats>;
