import type { VideoCodec } from '../../media/video-codec.ts';
import { Av1Depacketizer } from './av1.ts';
import type { Depacketizer } from './depacketizer.ts';
import { H264Depacketizer } from './h264.ts';
import { Vp8Depacketizer } from './vp8.ts';
import { Vp9Depacketizer } from './vp9.ts';

const DEPACKETIZERS: Readonly<Record<VideoCodec, new () => Depacketizer>> = {
  VP8: Vp8Depacketizer,
  VP9: Vp9Depacketizer,
  H264: H264Depacketizer,
  AV1: Av1Depacketizer,
};

export function createDepacketizer(codec: VideoCodec): Depacketizer {
  return new DEPACKETIZERS[codec]();
}
