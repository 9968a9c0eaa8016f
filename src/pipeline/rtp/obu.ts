/** OBU types that matter here (AV1 bitstream specification §6.2.2). */
export const OBU_SEQUENCE_HEADER = 1;
export const OBU_TEMPORAL_DELIMITER = 2;
export const OBU_FRAME_HEADER = 3;
export const OBU_FRAME = 6;
export const OBU_TILE_LIST = 8;
export const OBU_PADDING = 15;

const HAS_EXTENSION = 0x04;
const HAS_SIZE = 0x02;
/** OBUs of a temporal unit: far more than tiles that there may be (annex A: 128). */
const MAX_OBUS = 1024;
/** What RTP does without (RTP Payload Format for AV1 §5). */
const LEFT_OUT = new Set([OBU_TEMPORAL_DELIMITER, OBU_TILE_LIST, OBU_PADDING]);

/** The type of an OBU that has at least the first byte of its header. */
export function obuType(obu: Uint8Array): number {
  return (obu[0]! >> 3) & 0x0f;
}

/** Bytes of its header, without a size. */
export function obuHeaderLength(obu: Uint8Array): number {
  return (obu[0]! & HAS_EXTENSION) === 0 ? 1 : 2;
}

/** What follows the header of an OBU without a size. */
export function obuPayload(obu: Buffer): Buffer {
  return obu.subarray(obuHeaderLength(obu));
}

/**
 * Takes a temporal unit in the low-overhead format (§5.2) apart.
 * @returns the OBUs as RTP has them: without sizes, without temporal delimiters, tile lists and padding; undefined where a length is wrong,
 *   and where there are too many
 */
export function splitObus(unit: Buffer): Buffer[] | undefined {
  const obus: Buffer[] = [];
  for (let at = 0; at < unit.length; ) {
    const first = unit[at]!;
    const header = unit.subarray(at, at + ((first & HAS_EXTENSION) === 0 ? 1 : 2));
    at += header.length;
    // The last one may go to the end.
    const size = (first & HAS_SIZE) === 0 ? { value: unit.length - at, next: at } : readLeb128(unit, at);
    if (size === undefined || size.next + size.value > unit.length) return undefined;
    at = size.next + size.value;
    if (LEFT_OUT.has(obuType(header))) continue;
    if (obus.length === MAX_OBUS) return undefined;
    const bare = Buffer.concat([header, unit.subarray(size.next, at)]);
    bare[0] = first & ~HAS_SIZE;
    obus.push(bare);
  }
  return obus;
}

/** The low-overhead format again: an OBU with its size. */
export function sizedObu(obu: Buffer): Buffer {
  if ((obu[0]! & HAS_SIZE) !== 0) return obu;
  const length = obuHeaderLength(obu);
  const body = obu.subarray(length);
  return Buffer.concat([Buffer.from([obu[0]! | HAS_SIZE, ...obu.subarray(1, length)]), leb128(body.length), body]);
}

/** A number of up to eight bytes (§4.10.5); undefined where it is longer or cut off. */
export function readLeb128(buffer: Buffer, start: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = buffer[start + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, next: start + i + 1 };
  }
  return undefined;
}

/** @param value below 2^31 */
export function leb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}
