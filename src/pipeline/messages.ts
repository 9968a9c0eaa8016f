import { z } from 'zod';
import { LineState, SceneEvent } from './analytics/events.ts';
import { Lines, Zones } from './analytics/options.ts';
import { AnnotationMessage } from './annotation.ts';
import { MergeMode, OverlayOptions, SyncPolicy } from './compose/options.ts';
import { PrivacyOptions } from './compose/privacy-options.ts';
import { StreamDetector } from './detect/spec.ts';
import { ActiveEncoder, EncoderOptions } from './encode/options.ts';
import { TranscodeReason } from './passthrough/coded.ts';
import { RtpTarget } from './rtp/target.ts';
import { VIDEO_CODECS } from './media/video-codec.ts';
import { SourceTrust } from './source/certificates.ts';

/** `annotated`: boxes burned in. `clean`: the source as it is. */
export const Variant = z.enum(['annotated', 'clean']);
export type Variant = z.infer<typeof Variant>;

/** A variant in one codec: what is made once, however many take it. */
export const Rendition = z.strictObject({ variant: Variant, codec: z.enum(VIDEO_CODECS) });
export type Rendition = Readonly<z.infer<typeof Rendition>>;

/** To look one up by. */
export function renditionKey({ variant, codec }: Rendition): string {
  return `${variant}/${codec}`;
}

/** The states that a source goes through inside its stream process; `ended` is a file that played once. */
export const SourceState = z.enum(['connecting', 'live', 'stalled', 'retrying', 'failed', 'ended']);
export type SourceState = z.infer<typeof SourceState>;

/** What went wrong, in a form that may be shown to anybody: never holds credentials or a stack trace. */
export const Problem = z.strictObject({ code: z.string(), message: z.string() });
export type Problem = z.infer<typeof Problem>;

/** What the decoder found out about a source's video. */
export const VideoInfo = z.strictObject({
  codec: z.string(),
  /** Pixels, upright (rotation applied). */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Frames a second, nominal; measured where the source does not say. */
  fps: z.number().positive(),
});
export type VideoInfo = z.infer<typeof VideoInfo>;

/** What is known about a source's sound. */
export const AudioInfo = z.strictObject({
  codec: z.string(),
  /** Hz. */
  sampleRate: z.number().int().positive(),
  channels: z.number().int().positive(),
});
export type AudioInfo = z.infer<typeof AudioInfo>;

/** Everything that a stream process needs to run one source. */
export const StreamPlan = z.strictObject({
  stream: z.string(),
  /** Address of the source, credentials included; never logged as it is. */
  url: z.string(),
  /** Files start again at their end. */
  loop: z.boolean(),
  detectors: z.array(StreamDetector),
  /** Path of the detector process's unix socket. */
  detectorSocket: z.string(),
  sync: SyncPolicy,
  /** Milliseconds that a frame may wait for its results. */
  deadlineMs: z.number().min(1).max(5000),
  merge: MergeMode,
  /** Least IoU of boxes that are merged. */
  mergeIou: z.number().gt(0).max(1),
  overlay: OverlayOptions,
  privacy: PrivacyOptions,
  zones: Zones,
  lines: Lines,
  /** What its lines have counted before, by name. */
  lineTotals: z.record(z.string(), LineState),
  encoder: EncoderOptions,
  /** The first frame's sequence number: numbers go on across restarts. */
  firstSeq: z.number().int().nonnegative(),
  /** Folders from which `file:` sources may be read, absolute and resolved. */
  mediaRoots: z.array(z.string()),
  /** Schemes that the address may have, without the colon. */
  schemes: z.array(z.string()),
  trust: SourceTrust,
});
export type StreamPlan = z.infer<typeof StreamPlan>;

/** How a publisher's video reaches the stream process: RTP over loopback, from the SFU. */
export const PublisherFeed = z.strictObject({
  codec: z.enum(VIDEO_CODECS),
  payloadType: z.number().int().min(0).max(127),
  ssrc: z.number().int().min(0).max(0xffff_ffff),
  /** Port that the SFU sends from. */
  port: z.number().int().min(1).max(65_535),
});
export type PublisherFeed = z.infer<typeof PublisherFeed>;

/** What a publisher pushes, passed on as it came: a live FLV to be fetched over loopback. */
export const PushedFeed = z.strictObject({
  /** Where; the path is a secret. */
  flv: z.url({ protocol: /^http$/ }),
});
export type PushedFeed = z.infer<typeof PushedFeed>;

/** Control process → stream process. */
export const StreamCommand = z.discriminatedUnion('type', [
  /** Sent once, first. */
  z.strictObject({ type: z.literal('start'), plan: StreamPlan }),
  /** Applied to the running stream without a gap in its video. */
  z.strictObject({
    type: z.literal('update'),
    changes: StreamPlan.pick({ detectors: true, sync: true, deadlineMs: true, merge: true, mergeIou: true, overlay: true, privacy: true, zones: true, lines: true }).partial(),
  }),
  /** Start making a rendition, or move a running one to another target. */
  z.strictObject({
    type: z.literal('rendition-start'),
    rendition: Rendition,
    target: RtpTarget,
    /** First RTP sequence number. */
    firstSequence: z.number().int().min(0).max(0xffff),
  }),
  z.strictObject({ type: z.literal('rendition-stop'), rendition: Rendition }),
  /** Send the sound of the source, or move it to another target. */
  z.strictObject({
    type: z.literal('audio-start'),
    target: RtpTarget,
    /** First RTP sequence number. */
    firstSequence: z.number().int().min(0).max(0xffff),
  }),
  z.strictObject({ type: z.literal('audio-stop') }),
  z.strictObject({ type: z.literal('keyframe'), variant: Variant }),
  /** Bits a second. */
  z.strictObject({ type: z.literal('bitrate'), variant: Variant, bitrate: z.number().int().positive() }),
  /** Somebody publishes; null: nobody does any more. */
  z.strictObject({ type: z.literal('publisher'), publisher: z.union([PublisherFeed, PushedFeed]).nullable() }),
  /** Skip the wait of a source that is retrying. */
  z.strictObject({ type: z.literal('retry') }),
  /** Ask for the true boxes of a generated frame. */
  z.strictObject({ type: z.literal('truth'), request: z.number().int(), seq: z.number().int() }),
  /** Lines count from zero. */
  z.strictObject({ type: z.literal('reset-counts') }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type StreamCommand = z.infer<typeof StreamCommand>;

/** Two percentiles of a span of time, in milliseconds, over the last seconds. */
export const Percentiles = z.strictObject({ p50: z.number(), p95: z.number() });
export type Percentiles = z.infer<typeof Percentiles>;

/** What one output did in the last second. */
export const OutputStats = z.strictObject({
  /** Sent as the source has it, without an encode. */
  forwarded: z.boolean(),
  /** Why not; only of the clean variant. */
  encoded: TranscodeReason.optional(),
  encoder: ActiveEncoder.optional(),
  /** Why an encoder earlier in the chain was given up while running. */
  fallback: Problem.optional(),
  /** Bits sent in the last second. */
  bitrate: z.number(),
  /** Frames sent, IDR frames among them, and frames dropped because the encoder was busy; since the start. */
  frames: z.number().int(),
  idrs: z.number().int(),
  dropped: z.number().int(),
  /** RTP sequence number of the last packet sent. */
  sequence: z.number().int(),
});
export type OutputStats = z.infer<typeof OutputStats>;

/** What was done for one rendition. */
export const RenditionStats = z.strictObject({ ...Rendition.shape, ...OutputStats.shape });
export type RenditionStats = z.infer<typeof RenditionStats>;

/** What was done with the sound in the last second. */
export const AudioStats = z.strictObject({
  /** Bits sent in the last second. */
  bitrate: z.number(),
  /** Opus packets sent, and coded packets dropped because too many waited; since the start. */
  packets: z.number().int(),
  dropped: z.number().int(),
  /** RTP sequence number of the last packet sent. */
  sequence: z.number().int(),
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
  /** While somebody listens. */
  audio: AudioStats.optional(),
  /** The process: microseconds of CPU used since its start, bytes of memory. */
  cpuUs: z.number(),
  rss: z.number(),
});
export type StreamStats = z.infer<typeof StreamStats>;

/** Stream process → control process. */
export const StreamEvent = z.discriminatedUnion('type', [
  /** The process runs and takes `start`. */
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('state'),
    state: SourceState,
    problem: Problem.optional(),
    /** When the next attempt starts: milliseconds since the epoch. */
    retryAt: z.number().optional(),
  }),
  z.strictObject({ type: z.literal('video'), video: VideoInfo }),
  /** The source's sound; null: it has none. */
  z.strictObject({ type: z.literal('audio'), audio: AudioInfo.nullable() }),
  /** In which codec the source's own pictures can be sent as they are; null: in none. */
  z.strictObject({ type: z.literal('native'), codec: z.enum(VIDEO_CODECS).nullable() }),
  /** One a frame, sent when the frame leaves the composer: also the heartbeat that the supervisor watches. */
  z.strictObject({ type: z.literal('annotation'), message: AnnotationMessage }),
  /** What happened in zones and on lines, after the message of the frame that showed it. */
  z.strictObject({ type: z.literal('scene'), events: z.array(SceneEvent) }),
  z.strictObject({ type: z.literal('stats'), stats: StreamStats }),
  z.strictObject({ type: z.literal('truth'), request: z.number().int(), message: AnnotationMessage.nullable() }),
  /** Where it takes in what a publisher sends: a UDP port on loopback, for RTP and RTCP. */
  z.strictObject({ type: z.literal('publisher-port'), port: z.number().int().min(1).max(65_535) }),
  /** It can't decode what the publisher sends before a key frame comes. */
  z.strictObject({ type: z.literal('keyframe-please') }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;
