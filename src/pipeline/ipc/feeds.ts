import { z } from 'zod';
import { VIDEO_CODECS } from '../media/video-codec.ts';

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
