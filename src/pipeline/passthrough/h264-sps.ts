import { NalBitReader } from './nal-bit-reader.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** What a sequence parameter set says: what decides whether the sequence can be sent as it is, and how it looks (ITU-T H.264 §7.3.2.1, annex E). */
export interface SequenceParameters {
  readonly id: number;
  /** Of what is shown, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; undefined where the sequence does not tell. */
  readonly fps: number | undefined;
  /** profile_idc: 66 baseline, 77 main, 100 high. */
  readonly profile: number;
  /** chroma_format_idc; 1 is 4:2:0. */
  readonly chromaFormat: number;
  /** The larger of those of luma and chroma. */
  readonly bitDepth: number;
  /** frame_mbs_only_flag: no fields, no macroblocks of fields. */
  readonly framesOnly: boolean;
  /** How frame_num counts: modulo this. */
  readonly maxFrameNum: number;
  /** gaps_in_frame_num_value_allowed_flag: frames may be left out on purpose. */
  readonly gapsAllowed: boolean;
  /** Frames that may come before one that is shown earlier; undefined where the sequence does not tell. */
  readonly reorderFrames: number | undefined;
}

/** Profiles that hold the syntax elements of the high ones (§7.3.2.1.1). */
const HIGH_SYNTAX = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Baseline, main and high: what the decoders of browsers take, whatever profile was negotiated. */
const VIABLE = new Set([66, 77, 100]);
const EXTENDED_SAR = 255;
/** Pixels along the side of a macroblock. */
const MACROBLOCK = 16;

/** @param nal a sequence parameter set with its header byte @throws RangeError where it is cut off or nonsense */
export function parseSps(nal: Buffer): SequenceParameters {
  const bits = new NalBitReader(nal.subarray(1));
  const profile = bits.bits(8);
  bits.bits(16);
  const id = bits.unsigned();
  const { chromaFormat, bitDepth } = HIGH_SYNTAX.has(profile) ? highSyntax(bits) : { chromaFormat: 1, bitDepth: 8 };
  const maxFrameNum = 2 ** (4 + bits.unsigned());
  const orderType = bits.unsigned();
  if (orderType === 0) bits.unsigned();
  else if (orderType === 1) skipOrderCycle(bits);
  bits.unsigned();
  const gapsAllowed = bits.flag();
  const [columns, rows] = [bits.unsigned() + 1, bits.unsigned() + 1];
  const framesOnly = bits.flag();
  if (!framesOnly) bits.flag();
  bits.flag();
  const [left, right, top, bottom] = bits.flag() ? [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()] : [0, 0, 0, 0];
  // Cropping counts in samples of chroma, and in fields where there may be some (§7.4.2.1.1).
  const [unitX, unitY] = [chromaFormat === 1 || chromaFormat === 2 ? 2 : 1, (chromaFormat === 1 ? 2 : 1) * (framesOnly ? 1 : 2)];
  const [width, height] = [columns * MACROBLOCK - unitX * (left + right), rows * MACROBLOCK * (framesOnly ? 1 : 2) - unitY * (top + bottom)];
  const usability = bits.flag() ? readUsability(bits) : { fps: undefined, reorderFrames: undefined };
  // With type 2, frames are shown in the order in which they are decoded (§8.2.1.3).
  const reorderFrames = orderType === 2 || profile === 66 ? 0 : usability.reorderFrames;
  return { id, width, height, fps: usability.fps, profile, chromaFormat, bitDepth, framesOnly, maxFrameNum, gapsAllowed, reorderFrames };
}

/** Why a sequence can't be sent as it is; undefined where it can, as long as no B slice comes. */
export function sequenceObstacle({ profile, chromaFormat, bitDepth, framesOnly, reorderFrames = 0 }: SequenceParameters): TranscodeReason | undefined {
  if (!VIABLE.has(profile) || chromaFormat !== 1 || bitDepth !== 8) return 'profile';
  if (!framesOnly) return 'interlaced';
  return reorderFrames > 0 ? 'b-frames' : undefined;
}

function highSyntax(bits: NalBitReader): { chromaFormat: number; bitDepth: number } {
  const chromaFormat = bits.unsigned();
  if (chromaFormat === 3) bits.flag();
  const bitDepth = 8 + Math.max(bits.unsigned(), bits.unsigned());
  bits.flag();
  if (bits.flag()) for (let list = 0; list < (chromaFormat === 3 ? 12 : 8); list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  return { chromaFormat, bitDepth };
}

/** §7.3.2.1.1.1 */
function skipScalingList(bits: NalBitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function skipOrderCycle(bits: NalBitReader): void {
  bits.flag();
  bits.signed();
  bits.signed();
  const count = bits.unsigned();
  if (count > 255) throw new RangeError('An order cycle has too many frames');
  for (let i = 0; i < count; i++) bits.signed();
}

/** VUI parameters (§E.1.1). */
function readUsability(bits: NalBitReader): Pick<SequenceParameters, 'fps' | 'reorderFrames'> {
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.bits(32);
  if (bits.flag()) bits.flag();
  if (bits.flag()) {
    bits.bits(4);
    if (bits.flag()) bits.bits(24);
  }
  if (bits.flag()) {
    bits.unsigned();
    bits.unsigned();
  }
  let fps: number | undefined;
  if (bits.flag()) {
    const [ticks, scale] = [bits.bits(32), bits.bits(32)];
    // A tick is a field's (§E.2.1).
    if (ticks > 0) fps = scale / ticks / 2;
    bits.flag();
  }
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.flag();
  bits.flag();
  // Without a bitstream restriction, nothing is said about the order.
  if (!bits.flag()) return { fps, reorderFrames: undefined };
  bits.flag();
  for (let i = 0; i < 4; i++) bits.unsigned();
  return { fps, reorderFrames: bits.unsigned() };
}

/** §E.1.2 */
function skipHrd(bits: NalBitReader): void {
  const count = bits.unsigned();
  if (count > 31) throw new RangeError('A hypothetical decoder has too many buffers');
  bits.bits(8);
  for (let i = 0; i <= count; i++) {
    bits.unsigned();
    bits.unsigned();
    bits.flag();
  }
  bits.bits(20);
}
