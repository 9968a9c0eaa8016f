import { nalType } from '../rtp/annexb.ts';
import { NalBitReader } from './nal-bit-reader.ts';
import type { SequenceParameters } from './h264-sps.ts';

const NAL_SLICE = 1;
const NAL_IDR_SLICE = 5;
/** slice_type of B slices, modulo 5 (ITU-T H.264 table 7-6). */
const TYPE_B = 1;
/** Bytes in which what is read of a slice header lies at the latest. */
const HEADER_BYTES = 24;

/** The beginning of a slice header (ITU-T H.264 §7.3.3). */
export interface SliceHeader {
  readonly idr: boolean;
  /** Other pictures may refer to it. */
  readonly reference: boolean;
  readonly isB: boolean;
  readonly pps: number;
  /** Reads frame_num, by the sequence that its picture parameter set names. @throws RangeError where it is cut off */
  readonly frameNum: (sequence: SequenceParameters) => number;
}

/** Undefined for what is no slice, and where it is cut off. */
export function readSlice(nal: Buffer): SliceHeader | undefined {
  const type = nalType(nal);
  if (type !== NAL_SLICE && type !== NAL_IDR_SLICE) return undefined;
  try {
    const bits = new NalBitReader(nal.subarray(1, HEADER_BYTES));
    bits.unsigned();
    const isB = bits.unsigned() % 5 === TYPE_B;
    const pps = bits.unsigned();
    return { idr: type === NAL_IDR_SLICE, reference: (nal[0]! & 0x60) !== 0, isB, pps, frameNum: ({ maxFrameNum }) => bits.bits(Math.log2(maxFrameNum)) };
  } catch {
    return undefined;
  }
}

/** Notices reference pictures that are missing, by the gap that they leave in frame_num (§7.4.3). */
export class FrameNumWatch {
  /** PrevRefFrameNum; undefined before the first picture. */
  #previous: number | undefined;

  /** @returns whether a picture is missing before this one @throws RangeError where the slice is cut off */
  missesBefore(slice: SliceHeader, sequence: SequenceParameters): boolean {
    const number = slice.frameNum(sequence);
    const previous = this.#previous;
    if (slice.reference) this.#previous = number;
    if (slice.idr || previous === undefined || sequence.gapsAllowed) return false;
    return number !== previous && number !== (previous + 1) % sequence.maxFrameNum;
  }
}
