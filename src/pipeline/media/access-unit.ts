import type { FrameId, MediaTime } from '../frame.ts';
import type { VideoCodec } from './video-codec.ts';

/** One coded picture, as its codec has it. */
export interface CodedPicture {
  /**
   * NAL units without start codes; one VP8 frame; one VP9 frame or superframe; the OBUs of an AV1 temporal unit without sizes, temporal
   * delimiters, tile lists and padding.
   */
  readonly parts: readonly Buffer[];
  /** A decoder can begin with it: an IDR with its parameter sets, a key frame with its sequence header. */
  readonly key: boolean;
}

/**
 * One coded picture and the time it is shown at: what encoders and passthrough give, and what every sink takes. Units come in decoding
 * order, which is presentation order too: renditions have no B-frames.
 */
export interface AccessUnit extends CodedPicture, MediaTime {
  readonly codec: VideoCodec;
  /** The frame that it shows; undefined for a picture that is only referred to, such as an alternate reference frame of VP8. */
  readonly id: FrameId | undefined;
}

/** Bytes of a coded picture. */
export function sizeOf({ parts }: CodedPicture): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
