import type { CodedFrame, Depacketizer } from './depacketizer.ts';

const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const HAS_SIZE = 0x02;
const HAS_EXTENSION = 0x04;

/**
 * AV1 (RTP Payload Format for AV1, 1.0): gives temporal units in the low-overhead format, in which each OBU says how long it is
 * (AV1 bitstream specification §5.2).
 */
export class Av1Depacketizer implements Depacketizer {
  readonly #obus: Buffer[] = [];
  /** Of an OBU that goes on in the next packet. */
  #fragment: Buffer[] | undefined;
  #key = false;
  #broken = false;

  push(payload: Buffer): void {
    const elements = readElements(payload);
    const header = payload[0];
    if (elements === undefined || header === undefined) {
      this.#broken = true;
      return;
    }
    const [continues, goesOn] = [(header & 0x80) !== 0, (header & 0x40) !== 0];
    if (continues !== (this.#fragment !== undefined)) this.#broken = true;
    for (const [i, element] of elements.entries()) {
      const parts = i === 0 && this.#fragment !== undefined ? [...this.#fragment, element] : [element];
      this.#fragment = undefined;
      if (goesOn && i === elements.length - 1) this.#fragment = parts;
      else this.#add(Buffer.concat(parts));
    }
  }

  take(): CodedFrame | undefined {
    const whole = !this.#broken && this.#fragment === undefined && this.#obus.length > 0;
    const frame = whole ? { data: Buffer.concat(this.#obus), key: this.#key } : undefined;
    this.#obus.length = 0;
    this.#fragment = undefined;
    this.#key = false;
    this.#broken = false;
    return frame;
  }

  #add(obu: Buffer): void {
    const header = obu[0];
    if (header === undefined) return;
    const type = (header >> 3) & 0x0f;
    // Delimiters have no business in RTP; where one came through, the decoder needs none.
    if (type === TEMPORAL_DELIMITER) return;
    // An encoder repeats its sequence header with each key frame.
    if (type === SEQUENCE_HEADER) this.#key = true;
    if ((header & HAS_SIZE) !== 0) {
      this.#obus.push(obu);
      return;
    }
    const length = (header & HAS_EXTENSION) === 0 ? 1 : 2;
    const body = obu.subarray(length);
    this.#obus.push(Buffer.from([header | HAS_SIZE, ...obu.subarray(1, length)]), leb128(body.length), body);
  }
}

/** The OBUs or parts of OBUs in a payload (§4.4); undefined where a length is wrong. */
function readElements(payload: Buffer): Buffer[] | undefined {
  if (payload.length < 2) return undefined;
  const count = (payload[0]! >> 4) & 0x03;
  const elements: Buffer[] = [];
  let at = 1;
  while (at < payload.length) {
    let length = payload.length - at;
    // With a count, the last element goes to the end of the packet.
    if (count === 0 || elements.length < count - 1) {
      const read = readLeb128(payload, at);
      if (read === undefined) return undefined;
      length = read.value;
      at = read.next;
    }
    if (at + length > payload.length) return undefined;
    elements.push(payload.subarray(at, at + length));
    at += length;
  }
  return elements;
}

/** AV1 bitstream specification §4.10.5, of lengths below 2^28. */
function readLeb128(buffer: Buffer, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = buffer[start + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if ((byte & 0x80) === 0) return { value, next: start + i + 1 };
  }
  return undefined;
}

function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
