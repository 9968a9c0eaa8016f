import { AV_CODEC_ID_AV1, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9, AV_PKT_DATA_NEW_EXTRADATA } from 'node-av/constants';
import type { CodecParameters, Packet } from 'node-av/lib';
import { NAL_SPS, nalType, splitAnnexB } from '../rtp/annexb.ts';
import { readVp9Header, vp9Frames } from '../rtp/depacketize/vp9-frames.ts';
import { OBU_SEQUENCE_HEADER, obuType, splitObus } from '../rtp/obu.ts';

/** Bytes of a key frame in which its parameter sets are looked for. */
const HEADERS = 4096;
/** nal_unit_type of a sequence parameter set of HEVC (ITU-T H.265 table 7-1), in the header's bits 1 to 6. */
const HEVC_SPS = 33;

/** What a key frame says about the shape of the pictures from there on; undefined where it says nothing. */
type Read = (data: Buffer) => Buffer | string | undefined;

const READ = new Map<CodecParameters['codecId'], Read>([
  [AV_CODEC_ID_H264, (data) => splitAnnexB(data.subarray(0, HEADERS)).find((nal) => nalType(nal) === NAL_SPS)],
  [AV_CODEC_ID_HEVC, (data) => splitAnnexB(data.subarray(0, HEADERS)).find((nal) => ((nal[0]! >> 1) & 0x3f) === HEVC_SPS)],
  [AV_CODEC_ID_VP8, (data) => data.subarray(6, 10)],
  [AV_CODEC_ID_VP9, (data) => sizeOfVp9(data)],
  [AV_CODEC_ID_AV1, (data) => splitObus(data)?.find((obu) => obuType(obu) === OBU_SEQUENCE_HEADER)],
]);

/** Notices, from key frames alone, that the pictures of a source get another size or form: then one has to be decoded to know it. */
export class ShapeWatch {
  readonly #read: Read | undefined;
  #last: Buffer | string | undefined;

  constructor(codecId: CodecParameters['codecId']) {
    this.#read = READ.get(codecId);
  }

  /** @param packet a key frame */
  changed(packet: Packet): boolean {
    const extradata = packet.getSideData(AV_PKT_DATA_NEW_EXTRADATA);
    const { data } = packet;
    const told = data === null ? undefined : this.#read?.(data);
    const before = this.#last;
    if (told !== undefined) this.#last = typeof told === 'string' ? told : Buffer.from(told);
    if (extradata !== null && extradata.length > 0) return true;
    return told !== undefined && before !== undefined && (typeof told === 'string' ? told !== before : typeof before === 'string' || !told.equals(before));
  }
}

function sizeOfVp9(data: Buffer): string | undefined {
  const header = vp9Frames(data).map(readVp9Header).find((one) => one?.key);
  return header?.width === undefined ? undefined : `${header.width}x${header.height}`;
}
