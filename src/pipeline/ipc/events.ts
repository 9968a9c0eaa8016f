import { z } from 'zod';
import { SceneEvent } from '../analytics/events.ts';
import { AnnotationMessage } from '../annotation.ts';
import { AudioInfo, Problem, SourceState, VideoInfo } from '../media/info.ts';
import { VIDEO_CODECS } from '../media/video-codec.ts';
import { StreamStats } from './stats.ts';

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
  /** Frames pass: the number of the newest, a few times a second. The heartbeat that the supervisor watches. */
  z.strictObject({ type: z.literal('progress'), seq: z.number().int().nonnegative() }),
  /** One a frame, sent when the frame leaves the composer, while that is wanted. */
  z.strictObject({ type: z.literal('annotation'), message: AnnotationMessage }),
  /** What happened in zones and on lines, after the message of the frame that showed it. */
  z.strictObject({ type: z.literal('scene'), events: z.array(SceneEvent) }),
  z.strictObject({ type: z.literal('stats'), stats: StreamStats }),
  z.strictObject({ type: z.literal('truth'), request: z.number().int(), message: AnnotationMessage.nullable() }),
  /** Where it takes in what a publisher sends: a UDP port on loopback, for RTP and RTCP. */
  z.strictObject({ type: z.literal('publisher-port'), port: z.number().int().min(1).max(65_535) }),
  /** It can't decode what the publisher sends before a key frame comes. */
  z.strictObject({ type: z.literal('keyframe-request') }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;
