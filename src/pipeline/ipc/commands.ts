import { z } from 'zod';
import { PublisherFeed, PushedFeed } from './feeds.ts';
import { Output } from './outputs.ts';
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
  /** Makes an output, until it is closed. */
  z.strictObject({
    type: z.literal('output-open'),
    /** Names the output in what follows. */
    id: z.number().int(),
    output: Output,
    /** First RTP sequence number. */
    firstSequence: z.number().int().min(0).max(0xffff),
  }),
  z.strictObject({ type: z.literal('output-close'), id: z.number().int() }),
  /** Whether each frame's annotation message is told. */
  z.strictObject({ type: z.literal('annotations'), wanted: z.boolean() }),
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
