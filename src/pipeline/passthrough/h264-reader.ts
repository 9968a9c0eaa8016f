import { NAL_IDR, NAL_PPS, NAL_SPS, nalType, splitAnnexB } from '../rtp/annexb.ts';
import { NalBitReader } from './nal-bit-reader.ts';
import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';
import { FrameNumWatch, readSlice } from './h264-slice.ts';
import { parseSps, sequenceObstacle, type SequenceParameters } from './h264-sps.ts';
import type { PacketReader } from './packet-reader.ts';

/** Slices cut into partitions A, B and C: only of the extended profile. */
const PARTITIONS = new Set([2, 3, 4]);

/**
 * Takes the packets of an H.264 source apart, whether they come as a byte stream (annex B) or with lengths (ISO/IEC 14496-15), and
 * tells whether they can be sent as they are.
 */
export class H264Reader implements PacketReader {
  /** By their identifiers; what comes later with the same one takes its place. */
  readonly #sps = new Map<number, { readonly nal: Buffer; readonly parameters: SequenceParameters; readonly obstacle: TranscodeReason | undefined }>();
  readonly #pps = new Map<number, { readonly nal: Buffer; readonly sps: number }>();
  #frameNums = new FrameNumWatch();
  /** Bytes of a length; undefined for a byte stream. */
  #lengthSize: number | undefined;
  #sawB = false;

  /** @param extradata of the container: empty, annex B or an AVCDecoderConfigurationRecord */
  constructor(extradata: Buffer | null) {
    this.configure(extradata ?? Buffer.alloc(0));
  }

  configure(extradata: Buffer): void {
    this.#sps.clear();
    this.#pps.clear();
    this.#sawB = false;
    this.#frameNums = new FrameNumWatch();
    const record = extradata[0] === 1 ? readRecord(extradata) : undefined;
    this.#lengthSize = record?.lengthSize;
    this.#note(record?.nals ?? splitAnnexB(extradata));
  }

  read(data: Buffer): CodedPicture | TranscodeReason {
    const nals = this.#lengthSize === undefined ? splitAnnexB(data) : splitLengths(data, this.#lengthSize);
    if (nals === undefined || nals.length === 0) return 'damaged';
    this.#note(nals);
    if (nals.some((nal) => PARTITIONS.has(nalType(nal)))) return 'profile';
    const slices = nals.map(readSlice).filter((slice) => slice !== undefined);
    this.#sawB ||= slices.some(({ isB }) => isB);
    const gap = slices[0] !== undefined && this.#missesBefore(slices[0]);
    const obstacle = [...this.#sps.values()].find((sps) => sps.obstacle !== undefined)?.obstacle;
    if (obstacle !== undefined) return obstacle;
    if (this.#sawB) return 'b-frames';
    if (gap) return 'damaged';
    const key = nals.some((nal) => nalType(nal) === NAL_IDR);
    if (!key) return { parts: nals, key };
    // Without its parameter sets nobody can begin with it.
    if (this.#sps.size === 0 || this.#pps.size === 0) return 'damaged';
    return { parts: this.#withParameters(nals), key };
  }

  #note(nals: readonly Buffer[]): void {
    for (const nal of nals) {
      try {
        if (nalType(nal) === NAL_SPS) this.#noteSps(nal);
        else if (nalType(nal) === NAL_PPS) this.#notePps(nal);
      } catch {
        // A damaged set is not kept; the decoder complains of it.
      }
    }
  }

  #noteSps(nal: Buffer): void {
    const parameters = parseSps(nal);
    if (this.#sps.get(parameters.id)?.nal.equals(nal) === true) return;
    this.#sps.set(parameters.id, { nal: Buffer.from(nal), parameters, obstacle: sequenceObstacle(parameters) });
    // Another sequence begins.
    this.#sawB = false;
  }

  #notePps(nal: Buffer): void {
    const bits = new NalBitReader(nal.subarray(1));
    const id = bits.unsigned();
    this.#pps.set(id, { nal: Buffer.from(nal), sps: bits.unsigned() });
  }

  #missesBefore(slice: NonNullable<ReturnType<typeof readSlice>>): boolean {
    const sequence = this.#sps.get(this.#pps.get(slice.pps)?.sps ?? -1)?.parameters;
    // Before its first IDR nothing is sent.
    if (sequence === undefined) return false;
    try {
      return this.#frameNums.missesBefore(slice, sequence);
    } catch {
      return true;
    }
  }

  #withParameters(nals: readonly Buffer[]): readonly Buffer[] {
    const [sps, pps] = [NAL_SPS, NAL_PPS].map((type) => nals.filter((nal) => nalType(nal) === type)) as [Buffer[], Buffer[]];
    if (sps.length > 0 && pps.length > 0) return nals;
    const rest = nals.filter((nal) => nalType(nal) !== NAL_SPS && nalType(nal) !== NAL_PPS);
    return [...(sps.length > 0 ? sps : [...this.#sps.values()].map(({ nal }) => nal)), ...(pps.length > 0 ? pps : [...this.#pps.values()].map(({ nal }) => nal)), ...rest];
  }
}

/** ISO/IEC 14496-15 §5.3.3.1; undefined where it is cut off. */
function readRecord(record: Buffer): { lengthSize: number; nals: Buffer[] } | undefined {
  const nals: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[at++] ?? 0) & mask;
    for (let i = 0; i < count; i++) {
      if (at + 2 > record.length) return undefined;
      const size = record.readUInt16BE(at);
      if (size > 0) nals.push(record.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { lengthSize: (record[4]! & 3) + 1, nals };
}

/** Undefined where a length leads behind the end. */
function splitLengths(data: Buffer, lengthSize: number): Buffer[] | undefined {
  const nals: Buffer[] = [];
  for (let at = 0; at < data.length; ) {
    if (at + lengthSize > data.length) return undefined;
    const size = data.readUIntBE(at, lengthSize);
    at += lengthSize;
    if (at + size > data.length) return undefined;
    if (size > 0) nals.push(data.subarray(at, at + size));
    at += size;
  }
  return nals;
}
