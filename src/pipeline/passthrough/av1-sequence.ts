import { BitReader } from '../rtp/bit-reader.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** What decides whether a sequence can be sent as it is, and how its frame headers begin (AV1 bitstream specification §5.5). */
export interface Av1Sequence {
  /** seq_profile: 0 is main. */
  readonly profile: number;
  /** reduced_still_picture_header: each frame is a key frame, and does not say so. */
  readonly stillPicture: boolean;
  /** More than one: there are layers. */
  readonly operatingPoints: number;
  readonly highBitDepth: boolean;
  readonly monochrome: boolean;
}

/** Bytes in which what is read lies at the latest. */
const HEADER_BYTES = 512;
/** Levels above this one have tiers. */
const TIERED_LEVEL = 7;

/** @param payload of a sequence header OBU @throws RangeError where it is cut off */
export function parseSequence(payload: Buffer): Av1Sequence {
  const bits = new BitReader(payload.subarray(0, HEADER_BYTES));
  const profile = bits.bits(3);
  bits.flag();
  const stillPicture = bits.flag();
  const operatingPoints = stillPicture ? stillPictureLevel(bits) : skipOperation(bits);
  const [widthBits, heightBits] = [bits.bits(4) + 1, bits.bits(4) + 1];
  bits.bits(widthBits);
  bits.bits(heightBits);
  // Identifiers of frames.
  if (!stillPicture && bits.flag()) bits.bits(7);
  skipTools(bits, stillPicture);
  const highBitDepth = bits.flag();
  if (profile === 2 && highBitDepth) bits.flag();
  const monochrome = profile !== 1 && bits.flag();
  return { profile, stillPicture, operatingPoints, highBitDepth, monochrome };
}

/** Why a sequence can't be sent as it is; undefined where it can. Of profile main, colours are in 4:2:0. */
export function sequenceObstacle({ profile, operatingPoints, highBitDepth, monochrome }: Av1Sequence): TranscodeReason | undefined {
  return profile !== 0 || highBitDepth || monochrome || operatingPoints > 1 ? 'profile' : undefined;
}

function stillPictureLevel(bits: BitReader): number {
  bits.bits(5);
  return 1;
}

/** Times and operating points. @returns how many of these there are */
function skipOperation(bits: BitReader): number {
  const delayBits = bits.flag() ? skipTiming(bits) : undefined;
  const initialDelay = bits.flag();
  const operatingPoints = bits.bits(5) + 1;
  for (let i = 0; i < operatingPoints; i++) {
    bits.bits(12);
    if (bits.bits(5) > TIERED_LEVEL) bits.flag();
    if (delayBits !== undefined && bits.flag()) {
      bits.bits(delayBits);
      bits.bits(delayBits);
      bits.flag();
    }
    if (initialDelay && bits.flag()) bits.bits(4);
  }
  return operatingPoints;
}

/** §5.5.3, §5.5.4 @returns bits of a decoder buffer's delay; undefined where there is no model of one */
function skipTiming(bits: BitReader): number | undefined {
  bits.bits(32);
  bits.bits(32);
  if (bits.flag()) skipUvlc(bits);
  if (!bits.flag()) return undefined;
  const delayBits = bits.bits(5) + 1;
  bits.bits(32);
  bits.bits(10);
  return delayBits;
}

/** §4.10.3 */
function skipUvlc(bits: BitReader): void {
  let zeros = 0;
  while (!bits.flag()) zeros += 1;
  if (zeros < 32) bits.bits(zeros);
}

/** The flags between the size and the colours. */
function skipTools(bits: BitReader, stillPicture: boolean): void {
  bits.bits(3);
  if (!stillPicture) {
    bits.bits(4);
    const orderHints = bits.flag();
    if (orderHints) bits.bits(2);
    // The encoder chooses for each frame, unless a bit says which way it is.
    const screenContent = bits.flag() || bits.flag();
    if (screenContent && !bits.flag()) bits.flag();
    if (orderHints) bits.bits(3);
  }
  bits.bits(3);
}
