/** Bytes of payload in one packet: leaves room for headers, SRTP and tunnels below an MTU of 1500. */
export const MAX_PAYLOAD = 1200;

/** Cuts the frames of one stream into the payloads of RTP packets, in the format of their codec. */
export interface Payloader {
  /**
   * @param parts of one frame, as its codec has them
   * @param key a decoder can begin with it
   * @returns payloads of {@link MAX_PAYLOAD} bytes at most, in their order
   */
  payloads(parts: readonly Buffer[], key: boolean): Buffer[];
}

/** Cuts data into as few pieces of `most` bytes as there can be, of nearly equal size, so that no packet is tiny. */
export function evenPieces(data: Buffer, most: number): Buffer[] {
  const count = Math.ceil(data.length / most);
  const size = Math.ceil(data.length / count);
  return Array.from({ length: count }, (_, i) => data.subarray(i * size, (i + 1) * size));
}
