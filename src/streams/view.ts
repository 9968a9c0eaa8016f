import { z } from 'zod';
import { DetectorDefinition } from '../config/stream-definition.ts';
import { StreamId } from '../config/stream-id.ts';
import { Lines, Zones } from '../pipeline/analytics/options.ts';
import { MergeMode, OverlayOptions, SyncPolicy } from '../pipeline/compose/options.ts';
import { PrivacyOptions } from '../pipeline/compose/privacy-options.ts';
import { ActiveEncoder, EncoderOptions } from '../pipeline/encode/options.ts';
import { AudioStats, DetectorStats, Percentiles, RenditionStats } from '../pipeline/ipc/stats.ts';
import { AudioInfo, Problem, Variant, VideoInfo } from '../pipeline/media/info.ts';
import { STREAM_STATES } from './stream-state.ts';

/** What is being made of a stream for its viewers. */
const VariantView = RenditionStats.omit({ variant: true, scale: true }).extend({
  /** In which codec: of several, that of the source or the publisher. The others are for those that can't decode it. */
  codec: RenditionStats.shape.codec.optional(),
  /** Viewers are sent what the source or the publisher sends, without an encode; an encoder may run beside for those that can't decode it. */
  forwarded: RenditionStats.shape.forwarded,
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
  detectors: z.record(z.string(), DetectorStats),
  variants: z.partialRecord(Variant, VariantView),
  /** Each of them by codec and size, as it is made by the stream's process. */
  renditions: z.array(RenditionStats),
  /** While somebody listens to what is made here. */
  audio: AudioStats.optional(),
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

/** What `/api/events` begins with: all streams. */
export const StreamsSnapshot = z.strictObject({ streams: z.array(StreamView) });
export type StreamsSnapshot = z.infer<typeof StreamsSnapshot>;

/** What happened to a stream, as `/api/events` tells it. */
export const StreamEvent = z.strictObject({ type: z.enum(['added', 'changed', 'removed']), stream: StreamView });
export type StreamEvent = z.infer<typeof StreamEvent>;

export type StatsView = z.infer<typeof StatsView>;
