import { z } from 'zod';
import { DetectorDefinition } from '../config/stream-definition.ts';
import { StreamId } from '../config/stream-id.ts';
import { Lines, Zones } from '../pipeline/analytics/options.ts';
import { MergeMode, OverlayOptions, SyncPolicy } from '../pipeline/compose/options.ts';
import { PrivacyOptions } from '../pipeline/compose/privacy-options.ts';
import { ActiveEncoder, EncoderOptions } from '../pipeline/encode/options.ts';
import { AudioStats, DetectorStats, Percentiles } from '../pipeline/ipc/stats.ts';
import { AudioInfo, Problem, Variant, VideoInfo } from '../pipeline/media/info.ts';
import { TranscodeReason } from '../pipeline/passthrough/coded.ts';
import { VIDEO_CODECS } from '../pipeline/media/video-codec.ts';
import { STREAM_STATES } from './stream-state.ts';

/** Measurements of one detector on one stream. */
const DetectorView = z.strictObject({
  state: DetectorStats.shape.state,
  error: Problem.optional(),
  /** Frames a second that it looked at. */
  fps: z.number(),
  inferenceMs: z.number(),
  /** Frames of the stream; those that it looked at; those that were due and passed because it was busy or not there. Since it runs. */
  offered: z.number().int(),
  taken: z.number().int(),
  skipped: z.number().int(),
  /** Milliseconds that a frame waited for the model, median; frames that were run together, mean. Of models only. */
  queueMs: z.number().optional(),
  batch: z.number().optional(),
  /** Frames since the one that its last result was computed on; absent before the first. */
  age: z.number().optional(),
  workers: z.number().optional(),
  roundTripMs: z.number().optional(),
  lost: z.number().optional(),
});

/** What is being made of a stream for its viewers. */
const VariantView = z.strictObject({
  /** In which codec: of several, that of the source or the publisher. The others are for those that can't decode it. */
  codec: z.enum(VIDEO_CODECS).optional(),
  /** Viewers are sent what the source or the publisher sends, without an encode; an encoder may run beside for those that can't decode it. */
  forwarded: z.boolean(),
  /** Why it is encoded; only of the clean variant. */
  encoded: TranscodeReason.optional(),
  encoder: ActiveEncoder.optional(),
  fallback: Problem.optional(),
  bitrate: z.number(),
  frames: z.number(),
  idrs: z.number(),
  dropped: z.number(),
});

/** Measurements of one stream; zero where there is nothing to measure. */
const StatsView = z.strictObject({
  fps: z.number(),
  /** Bits a second, all variants together. */
  bitrate: z.number(),
  /** Frames lost to a full pipeline since the stream exists, before the decoder, behind it and before the encoders. */
  dropped: z.number(),
  /** How often its process ended by itself. */
  restarts: z.number(),
  latency: z.strictObject({ decodeToSendMs: Percentiles }),
  detectors: z.record(z.string(), DetectorView),
  variants: z.partialRecord(Variant, VariantView),
  /** While somebody listens to what is made here. */
  audio: AudioStats.omit({ sequence: true }).optional(),
  /** The encoder in use, and why an earlier one of the chain was given up. */
  encoder: ActiveEncoder.optional(),
  encoderFallback: Problem.optional(),
  process: z.strictObject({ pid: z.number().optional(), cpuUs: z.number(), rss: z.number() }),
});

/** One stream, as `/api/streams` and `/api/events` show it. */
export const StreamView = z.strictObject({
  id: StreamId,
  title: z.string(),
  state: z.enum(STREAM_STATES),
  problem: Problem.optional(),
  /** When the next attempt starts: milliseconds since the epoch. */
  retryAt: z.number().optional(),
  source: z.strictObject({ kind: z.string(), /** Without user name and password. */ url: z.string() }),
  video: VideoInfo.optional(),
  audio: AudioInfo.optional(),
  detectors: z.array(z.union([z.string(), DetectorDefinition])),
  sync: SyncPolicy,
  deadlineMs: z.number(),
  merge: MergeMode,
  mergeIou: z.number(),
  onDemand: z.boolean(),
  idleAfterMs: z.number(),
  loop: z.boolean(),
  zones: Zones,
  lines: Lines,
  overlay: OverlayOptions,
  privacy: PrivacyOptions,
  encoder: EncoderOptions,
  /** `publisher`: it came with somebody who publishes, and goes with them. */
  origin: z.enum(['config', 'api', 'publisher']),
  /** The variants that are being made right now. */
  variantsActive: z.array(Variant),
  viewers: z.number().int(),
  stats: StatsView,
  /** ISO 8601, UTC. */
  createdAt: z.string(),
});
export type StreamView = z.infer<typeof StreamView>;
export type StatsView = z.infer<typeof StatsView>;
