import { BitReader } from '../bit-reader.ts';

const MARKER_MASK = 0xe0;
const MARKER = 0xc0;

/** The frames of a superframe, or the one that there is (VP9 bitstream specification, annex B). */
export function vp9Frames(data: Buffer): Buffer[] {
  const marker = data.at(-1) ?? 0;
  const [count, bytes] = [(marker & 0x07) + 1, ((marker >> 3) & 0x03) + 1];
  const index = data.length - 2 - count * bytes;
  if ((marker & MARKER_MASK) !== MARKER || index < 0 || data[index] !== marker) return [data];
  const frames: Buffer[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const size = data.readUIntLE(index + 1 + i * bytes, bytes);
    frames.push(data.subarray(at, Math.min(at + size, index)));
    at += size;
  }
  return frames;
}

/** Several frames and their index; also for one, since a decoder would take what is behind its end for another. */
export function vp9Superframe(frames: readonly Buffer[]): Buffer {
  const bytes = 4;
  const marker = MARKER | ((bytes - 1) << 3) | (frames.length - 1);
  const index = Buffer.alloc(2 + bytes * frames.length, marker);
  for (const [i, frame] of frames.entries()) index.writeUInt32LE(frame.length, 1 + bytes * i);
  return Buffer.concat([...frames, index]);
}

/** The beginning of a frame's uncompressed header (§6.2). */
export interface Vp9Header {
  readonly profile: number;
  /** It is one that was decoded before, shown now. */
  readonly existing: boolean;
  /** It refers to none before it, and none after it refers to one before it. */
  readonly key: boolean;
  readonly shown: boolean;
  /** Pixels; undefined where it has the size of one before it. */
  readonly width?: number;
  readonly height?: number;
}

const SYNC_CODE = 0x498342;
const SRGB = 7;

/** Reads a frame of profile 0; of others the profile alone. Undefined for what is no frame, and where it is cut off. */
export function readVp9Header(frame: Buffer): Vp9Header | undefined {
  try {
    return headerOf(new BitReader(frame));
  } catch {
    return undefined;
  }
}

/** @throws RangeError */
function headerOf(bits: BitReader): Vp9Header | undefined {
  if (bits.bits(2) !== 2) return undefined;
  const profile = bits.bits(1) + 2 * bits.bits(1);
  const other = { profile, existing: false, key: false, shown: true };
  if (profile !== 0) return other;
  if (bits.flag()) return { ...other, existing: true };
  const [key, shown, resilient] = [!bits.flag(), bits.flag(), bits.flag()];
  const header = { profile, existing: false, key, shown };
  const sized = (): Vp9Header => ({ ...header, width: bits.bits(16) + 1, height: bits.bits(16) + 1 });
  if (key) {
    if (bits.bits(24) !== SYNC_CODE || bits.bits(3) === SRGB) return undefined;
    bits.flag();
    return sized();
  }
  const intraOnly = !shown && bits.flag();
  if (!resilient) bits.bits(2);
  if (intraOnly && bits.bits(24) !== SYNC_CODE) return undefined;
  // What it refreshes.
  bits.bits(8);
  if (intraOnly) return sized();
  // Three references, and which of them it has its size from.
  bits.bits(12);
  for (let i = 0; i < 3; i++) if (bits.flag()) return header;
  return sized();
}

/**
 * Pixels that a frame of profile 0 says it has; 0 where it has the size of one before it. Infinity for what is no such frame.
 */
export function vp9Pixels(frame: Buffer): number {
  const header = readVp9Header(frame);
  if (header === undefined || header.profile !== 0) return Infinity;
  return (header.width ?? 0) * (header.height ?? 0);
}
