import type { CodedFrame, Depacketizer } from './depacketizer.ts';
import { vp9Superframe } from './vp9-frames.ts';

/** The parts of a payload descriptor (RFC 9628 §4.2) that matter for putting frames together. */
interface Descriptor {
  readonly length: number;
  /** The frame refers to earlier ones. */
  readonly predicted: boolean;
  readonly begins: boolean;
  readonly ends: boolean;
}

/** Frames that a superframe may hold (VP9 bitstream specification, annex B). */
const MAX_LAYERS = 8;

/**
 * VP9 (RFC 9628). The frames of all spatial layers of a picture share a timestamp; more than one are given to the decoder as a
 * superframe.
 */
export class Vp9Depacketizer implements Depacketizer {
  /** Of the layer that is being put together. */
  #parts: Buffer[] = [];
  #layers: Buffer[] = [];
  #key = false;
  #broken = false;

  push(payload: Buffer): void {
    const descriptor = readDescriptor(payload);
    if (descriptor === undefined || descriptor.begins !== (this.#parts.length === 0)) {
      this.#broken = true;
      return;
    }
    if (descriptor.begins && this.#layers.length === 0) this.#key = !descriptor.predicted;
    this.#parts.push(payload.subarray(descriptor.length));
    if (!descriptor.ends) return;
    this.#layers.push(Buffer.concat(this.#parts));
    this.#parts = [];
  }

  take(): CodedFrame | undefined {
    const layers = this.#layers;
    const whole = !this.#broken && this.#parts.length === 0 && layers.length > 0 && layers.length <= MAX_LAYERS;
    const key = this.#key;
    this.#parts = [];
    this.#layers = [];
    this.#broken = false;
    return whole ? { data: layers.length === 1 ? layers[0]! : vp9Superframe(layers), key } : undefined;
  }
}

/** Undefined where it is cut off. */
function readDescriptor(payload: Buffer): Descriptor | undefined {
  const flags = payload[0];
  if (flags === undefined) return undefined;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const [pictureId, predicted, layers, flexible, begins, ends, structure] = [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02].map(has) as [
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  let at = 1;
  if (pictureId) at += ((payload[at] ?? 0) & 0x80) === 0 ? 1 : 2;
  if (layers) at += flexible ? 1 : 2;
  if (flexible && predicted) {
    // Up to three references; the lowest bit says that another follows.
    for (let more = true, count = 0; more && count < 3; count++) more = ((payload[at++] ?? 0) & 0x01) !== 0;
  }
  if (structure) at += structureLength(payload, at);
  return at < payload.length ? { length: at, predicted, begins, ends } : undefined;
}

/** Bytes of the scalability structure (§4.2.1). */
function structureLength(payload: Buffer, start: number): number {
  const flags = payload[start] ?? 0;
  let at = start + 1;
  if ((flags & 0x10) !== 0) at += 4 * ((flags >> 5) + 1);
  if ((flags & 0x08) !== 0) {
    const pictures = payload[at++] ?? 0;
    for (let i = 0; i < pictures; i++) at += 1 + (((payload[at] ?? 0) >> 2) & 0x03);
  }
  return at - start;
}
