import { z } from 'zod';
import type { FrameId } from '../frame.ts';
import type { VideoCodec } from '../media/video-codec.ts';

/**
 * Why the clean variant is encoded rather than sent as the source has it.
 *
 * - `codec`: the source has another codec than the output, or one of which nothing is known here, or its pictures are made here
 * - `profile`: what browsers do not take: more than 8 bits, other than 4:2:0, data partitions, several layers
 * - `b-frames`: frames are sent in another order than they are shown in
 * - `interlaced`: frames may be made of fields
 * - `hidden-frames`: packets hold frames that are only referred to, or several that are shown: receivers expect a picture of each
 * - `reshaped`: pictures are turned, widened to square pixels or converted
 * - `timestamps`: what was decoded can't be told from its neighbours by its time
 * - `damaged`: packets were lost on the way here, which the decoder has concealed
 * - `long-gop`: key frames come too seldom for those who join
 * - `awaiting-keyframe`: somebody needs a key frame before the source's next one, with which it will be sent as it is again
 * - `privacy`: something has to be hidden
 * - `slate`: the source has no picture
 * - `setting`: it is to be (`encoder.forward`)
 */
export const TranscodeReason = z.enum([
  'codec',
  'profile',
  'b-frames',
  'interlaced',
  'hidden-frames',
  'reshaped',
  'timestamps',
  'damaged',
  'long-gop',
  'awaiting-keyframe',
  'privacy',
  'slate',
  'setting',
]);
export type TranscodeReason = z.infer<typeof TranscodeReason>;

/** One coded picture. */
export interface CodedPicture {
  /**
   * What it is made of, as the codec has it: NAL units without start codes; one VP8 frame; one VP9 frame or superframe; the OBUs of an AV1
   * temporal unit without sizes, temporal delimiters, tile lists and padding.
   */
  readonly parts: readonly Buffer[];
  /** A decoder can begin with it: an IDR with its parameter sets, a key frame with its sequence header. */
  readonly key: boolean;
}

/** One coded picture of a source: what a packet of its container held. */
export interface CodedUnit extends CodedPicture {
  /** Counts the packets that were taken note of; a gap says that some were not. */
  readonly ordinal: number;
  /** The frame that was decoded from it; undefined while there is none, and for a picture that was never shown. */
  id?: FrameId;
}

/** What a frame was decoded from. */
export interface CodedUnits {
  readonly codec: VideoCodec;
  /** Its unit last, before it those since the frame before of which no frame was made, which later ones may refer to. */
  readonly units: readonly CodedUnit[];
}

/** What a frame was decoded from, or why that can't be sent. */
export type Coded = CodedUnits | { readonly obstacle: TranscodeReason };
