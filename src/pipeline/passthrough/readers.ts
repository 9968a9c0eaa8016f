import { AV_CODEC_ID_AV1, AV_CODEC_ID_H264, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9 } from 'node-av/constants';
import type { CodecParameters } from 'node-av/lib';
import type { VideoCodec } from '../media/video-codec.ts';
import { Av1Reader } from './av1-reader.ts';
import { H264Reader } from './h264-reader.ts';
import type { PacketReader } from './packet-reader.ts';
import { Vp8Reader } from './vp8-reader.ts';
import { Vp9Reader } from './vp9-reader.ts';

const READERS = new Map<CodecParameters['codecId'], { readonly codec: VideoCodec; readonly Reader: new (extradata: Buffer | null) => PacketReader }>([
  [AV_CODEC_ID_VP8, { codec: 'VP8', Reader: Vp8Reader }],
  [AV_CODEC_ID_VP9, { codec: 'VP9', Reader: Vp9Reader }],
  [AV_CODEC_ID_H264, { codec: 'H264', Reader: H264Reader }],
  [AV_CODEC_ID_AV1, { codec: 'AV1', Reader: Av1Reader }],
]);

/** Creates the reader of a codec; undefined for a codec that is never passed through. */
export function createReader({ codecId, extradata }: Pick<CodecParameters, 'codecId' | 'extradata'>): { codec: VideoCodec; reader: PacketReader } | undefined {
  const known = READERS.get(codecId);
  return known === undefined ? undefined : { codec: known.codec, reader: new known.Reader(extradata) };
}
