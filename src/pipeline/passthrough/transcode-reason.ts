import { z } from 'zod';

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
