import { AV_CODEC_ID_AV1, AV_CODEC_ID_H264, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9 } from 'node-av/constants';
import type { CodecParameters } from 'node-av/lib';
import type { VideoCodec } from '../media/video-codec.ts';
import { Av1Reader } from './av1-reader.ts';
import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';
import { H264Reader } from './h264-reader.ts';
import { Vp8Reader } from './vp8-reader.ts';
import { Vp9Reader } from './vp9-reader.ts';

/** Takes the packets of a source apart, and tells whether they can be sent as they are. Whatever it is given, it does not throw. */
export interface PacketReader {
  /** The container has a new configuration. */
  configure(extradata: Buffer): void;
  /**
   * @param data one packet, which is kept
   * @returns what it holds, or why that can't be sent
   */
  read(data: Buffer): CodedPicture | TranscodeReason;
}

const READERS = new Map<CodecParameters['codecId'], { readonly codec: VideoCodec; readonly Reader: new (extradata: Buffer | null) => PacketReader }>([
  [AV_CODEC_ID_VP8, { codec: 'VP8', Reader: Vp8Reader }],
  [AV_CODEC_ID_VP9, { codec: 'VP9', Reader: Vp9Reader }],
  [AV_CODEC_ID_H264, { codec: 'H264', Reader: H264Reader }],
  [AV_CODEC_ID_AV1, { codec: 'AV1', Reader: Av1Reader }],
]);

/** Undefined for a codec that is never sent as it is. */
export function createReader({ codecId, extradata }: Pick<CodecParameters, 'codecId' | 'extradata'>): { codec: VideoCodec; reader: PacketReader } | undefined {
  const known = READERS.get(codecId);
  return known === undefined ? undefined : { codec: known.codec, reader: new known.Reader(extradata) };
}
