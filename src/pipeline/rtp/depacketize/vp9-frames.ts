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

/**
 * Pixels that a frame of profile 0 says it has (§6.2); 0 where it has the size of one before it. Infinity for what is no such frame.
 */
export function vp9Pixels(frame: Buffer): number {
  let at = 0;
  const read = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, at++) value = value * 2 + (((frame[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  const size = (): number => (read(16) + 1) * (read(16) + 1);
  if (read(2) !== 2 || read(2) !== 0) return Infinity;
  const existing = read(1) === 1;
  if (existing) return 0;
  const [predicted, shown, resilient] = [read(1) === 1, read(1) === 1, read(1) === 1];
  if (!predicted) {
    // Sync code and colour space; what is not sRGB tells its range.
    read(24);
    if (read(3) !== 7) read(1);
    return size();
  }
  const intraOnly = !shown && read(1) === 1;
  if (!resilient) read(2);
  if (intraOnly) read(24);
  // What it refreshes.
  read(8);
  if (intraOnly) return size();
  // Three references, and which of them it has its size from.
  read(12);
  for (let i = 0; i < 3; i++) if (read(1) === 1) return 0;
  return size();
}
