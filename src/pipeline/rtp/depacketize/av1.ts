import { OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER, obuType, readLeb128, sizedObu } from '../obu.ts';
import type { CodedFrame, Depacketizer } from './depacketizer.ts';

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
    if (obu.length === 0) return;
    // Delimiters have no business in RTP; where one came through, the decoder needs none.
    if (obuType(obu) === OBU_TEMPORAL_DELIMITER) return;
    // An encoder repeats its sequence header with each key frame.
    if (obuType(obu) === OBU_SEQUENCE_HEADER) this.#key = true;
    this.#obus.push(sizedObu(obu));
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
