import type { VideoCodec } from '../../media/video-codec.ts';
import { Av1Depacketizer } from './av1.ts';
import { H264Depacketizer } from './h264.ts';
import { Vp8Depacketizer } from './vp8.ts';
import { Vp9Depacketizer } from './vp9.ts';

/** One frame as a decoder takes it. */
export interface CodedFrame {
  readonly data: Buffer;
  /** A decoder can begin with it. */
  readonly key: boolean;
}

/** Puts the payloads of one frame's packets together; they come in order, and none is missing. */
export interface Depacketizer {
  /** Adds a payload to the frame; what can't be understood spoils it. */
  push(payload: Buffer): void;
  /** Ends the frame and begins the next. Undefined where there is nothing whole. */
  take(): CodedFrame | undefined;
}

const DEPACKETIZERS: Readonly<Record<VideoCodec, new () => Depacketizer>> = {
  VP8: Vp8Depacketizer,
  VP9: Vp9Depacketizer,
  H264: H264Depacketizer,
  AV1: Av1Depacketizer,
};

export function createDepacketizer(codec: VideoCodec): Depacketizer {
  return new DEPACKETIZERS[codec]();
}
