/** An RTP packet, taken apart (RFC 3550 §5.1). */
export interface RtpPacket {
  readonly payloadType: number;
  /** Usually the last packet of a frame. */
  readonly marker: boolean;
  /** uint16 */
  readonly sequence: number;
  /** uint32, in ticks of the payload's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Without header, extensions and padding; a view of the packet. */
  readonly payload: Buffer;
}

const FIXED_HEADER = 12;

/** Whether a datagram on a port that RTP and RTCP share is RTCP (RFC 5761 §4). */
export function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Reads a packet; undefined where it is none. */
export function readRtpPacket(packet: Buffer): RtpPacket | undefined {
  const first = packet[0] ?? 0;
  if (packet.length < FIXED_HEADER || first >> 6 !== 2) return undefined;
  let start = FIXED_HEADER + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (packet.length < start + 4) return undefined;
    start += 4 + 4 * packet.readUInt16BE(start + 2);
  }
  const padding = (first & 0x20) === 0 ? 0 : packet[packet.length - 1]!;
  const end = packet.length - padding;
  if (end < start) return undefined;
  return {
    payloadType: packet[1]! & 0x7f,
    marker: (packet[1]! & 0x80) !== 0,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(start, end),
  };
}
