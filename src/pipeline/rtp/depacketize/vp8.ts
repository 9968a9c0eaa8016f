import type { CodedFrame, Depacketizer } from './depacketizer.ts';

/** VP8 (RFC 7741): a frame is its payloads one after the other, without their descriptors. */
export class Vp8Depacketizer implements Depacketizer {
  #parts: Buffer[] = [];
  #broken = false;

  push(payload: Buffer): void {
    const start = descriptorLength(payload);
    if (start === undefined || start >= payload.length) {
      this.#broken = true;
      return;
    }
    // §4.2: S, and a partition index of zero.
    const first = (payload[0]! & 0x17) === 0x10;
    if (first !== (this.#parts.length === 0)) this.#broken = true;
    this.#parts.push(payload.subarray(start));
  }

  take(): CodedFrame | undefined {
    const data = Buffer.concat(this.#parts);
    const whole = !this.#broken && data.length > 0;
    this.#parts = [];
    this.#broken = false;
    // RFC 6386 §9.1: the lowest bit of the frame tag is 0 in key frames.
    return whole ? { data, key: (data[0]! & 0x01) === 0 } : undefined;
  }
}

/** Bytes of the payload descriptor (§4.2); undefined where it is cut off. */
function descriptorLength(payload: Buffer): number | undefined {
  if (payload.length === 0) return undefined;
  if ((payload[0]! & 0x80) === 0) return 1;
  const flags = payload[1];
  if (flags === undefined) return undefined;
  let length = 2;
  if ((flags & 0x80) !== 0) length += ((payload[2] ?? 0) & 0x80) === 0 ? 1 : 2;
  if ((flags & 0x40) !== 0) length += 1;
  if ((flags & 0x30) !== 0) length += 1;
  return length;
}
