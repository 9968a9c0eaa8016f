import { z } from 'zod';
import type { FrameId } from '../frame.ts';

/**
 * Why the clean variant is encoded rather than sent as the source has it.
 *
 * - `codec`: the source is not H.264, or its pictures are made here
 * - `profile`: H.264 that browsers do not take: more than 8 bits, other than 4:2:0, or data partitions
 * - `b-frames`: frames are sent in another order than they are shown in
 * - `interlaced`: frames may be made of fields
 * - `reshaped`: pictures are turned, widened to square pixels or converted
 * - `timestamps`: what was decoded can't be told from its neighbours by its time
 * - `damaged`: packets were lost on the way here, which the decoder has concealed
 * - `long-gop`: key frames come too seldom for those who join
 * - `awaiting-keyframe`: somebody needs a key frame before the source's next one, with which it will be sent as it is again
 * - `privacy`: something has to be hidden
 * - `slate`: the source has no picture
 * - `setting`: it is to be (`encoder.forward`)
 */
export const EncodeReason = z.enum([
  'codec',
  'profile',
  'b-frames',
  'interlaced',
  'reshaped',
  'timestamps',
  'damaged',
  'long-gop',
  'awaiting-keyframe',
  'privacy',
  'slate',
  'setting',
]);
export type EncodeReason = z.infer<typeof EncodeReason>;

/** One coded picture of a source: what a packet of its container held. */
export interface CodedUnit {
  /** Counts the packets that were taken note of; a gap says that some were not. */
  readonly ordinal: number;
  /** NAL units without start codes; an IDR begins with its parameter sets. */
  readonly nals: readonly Buffer[];
  readonly idr: boolean;
  /** The frame that was decoded from it; undefined while there is none, and for a picture that was never shown. */
  id?: FrameId;
}

/**
 * What a frame was decoded from: its unit last, before it those since the frame before of which no frame was made, which later ones may
 * refer to. Or why that can't be sent.
 */
export type Coded = { readonly units: readonly CodedUnit[] } | { readonly obstacle: EncodeReason };
