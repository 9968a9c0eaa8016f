import { z } from 'zod';
import { Rendition, Variant } from '../media/info.ts';
import { RtpTarget } from '../rtp/target.ts';
import { PublisherFeed, PushedFeed } from './feeds.ts';
import { StreamPlan } from './plan.ts';

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
