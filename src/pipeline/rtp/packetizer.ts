import type { MediaTime } from '../frame.ts';
import { NAL_AUD, NAL_FILLER, NAL_PPS, NAL_SEI, NAL_SPS, nalType } from './annexb.ts';
import { ntpTime } from './ntp.ts';

/** Bytes of payload in one packet: leaves room for headers, SRTP and tunnels below an MTU of 1500. */
export const MAX_PAYLOAD = 1200;

const RTP_HEADER = 12;
const TYPE_STAP_A = 24;
const TYPE_FU_A = 28;

/** What identifies a packet stream on the wire. */
export interface PacketIdentity {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Identifiers of header extensions in the one-byte form: 1…14 (RFC 8285 §4.2). */
  readonly extensions: { readonly absCaptureTime: number; readonly playoutDelay: number };
}

/** Packs H.264 access units into RTP packets: RFC 6184, packetization-mode 1. */
export class H264Packetizer {
  readonly #identity: PacketIdentity;
  #sequence: number;

  /** @param firstSequence uint16 */
  constructor(identity: PacketIdentity, firstSequence: number) {
    this.#identity = identity;
    this.#sequence = firstSequence & 0xffff;
  }

  /** Sequence number of the packet that comes next. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /**
   * @param nals the NAL units of one access unit, without start codes; delimiters and filler are left out
   * @returns whole RTP packets; the last has its marker set, the first carries the header extensions
   */
  packetize(id: MediaTime, nals: readonly Buffer[]): Buffer[] {
    const payloads = payloadsOf(nals.filter((nal) => nalType(nal) !== NAL_AUD && nalType(nal) !== NAL_FILLER));
    const extensions = extensionBlock(this.#identity.extensions, id.capturedAt);
    return payloads.map((payload, i) => {
      const first = i === 0;
      const packet = Buffer.allocUnsafe(RTP_HEADER + (first ? extensions.length : 0) + payload.length);
      packet[0] = first ? 0x90 : 0x80;
      packet[1] = (i === payloads.length - 1 ? 0x80 : 0) | this.#identity.payloadType;
      packet.writeUInt16BE(this.#sequence, 2);
      packet.writeUInt32BE(id.rtp, 4);
      packet.writeUInt32BE(this.#identity.ssrc, 8);
      if (first) extensions.copy(packet, RTP_HEADER);
      payload.copy(packet, packet.length - payload.length);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      return packet;
    });
  }
}

/** Bytes of an RTP packet of ours behind its header and header extensions. */
export function payloadLength(packet: Buffer): number {
  const extended = (packet[0]! & 0x10) !== 0;
  return packet.length - RTP_HEADER - (extended ? 4 + packet.readUInt16BE(RTP_HEADER + 2) * 4 : 0);
}

/** Parameter sets and SEI travel together (STAP-A), what fits travels alone, what does not is cut (FU-A). */
function payloadsOf(nals: readonly Buffer[]): Buffer[] {
  const payloads: Buffer[] = [];
  let small: Buffer[] = [];
  const flush = (): void => {
    if (small.length === 1) payloads.push(small[0]!);
    if (small.length > 1) payloads.push(aggregate(small));
    small = [];
  };
  for (const nal of nals) {
    const type = nalType(nal);
    const header = (type === NAL_SPS || type === NAL_PPS || type === NAL_SEI) && nal.length <= MAX_PAYLOAD;
    if (header && aggregateSize(small) + 2 + nal.length <= MAX_PAYLOAD) {
      small.push(nal);
      continue;
    }
    flush();
    if (nal.length <= MAX_PAYLOAD) payloads.push(nal);
    else payloads.push(...fragment(nal));
  }
  flush();
  return payloads;
}

function aggregateSize(nals: readonly Buffer[]): number {
  return nals.reduce((sum, nal) => sum + 2 + nal.length, 1);
}

/** RFC 6184 §5.7.1; the header takes the highest NRI of what it holds. */
function aggregate(nals: readonly Buffer[]): Buffer {
  const nri = Math.max(...nals.map((nal) => nal[0]! & 0x60));
  const parts: Buffer[] = [Buffer.from([nri | TYPE_STAP_A])];
  for (const nal of nals) {
    const size = Buffer.allocUnsafe(2);
    size.writeUInt16BE(nal.length);
    parts.push(size, nal);
  }
  return Buffer.concat(parts);
}

/** RFC 6184 §5.8. Pieces of equal size, so that no packet is tiny. */
function fragment(nal: Buffer): Buffer[] {
  const body = nal.subarray(1);
  const count = Math.ceil(body.length / (MAX_PAYLOAD - 2));
  const size = Math.ceil(body.length / count);
  const indicator = (nal[0]! & 0xe0) | TYPE_FU_A;
  return Array.from({ length: count }, (_, i) => {
    const piece = body.subarray(i * size, (i + 1) * size);
    const header = (i === 0 ? 0x80 : 0) | (i === count - 1 ? 0x40 : 0) | nalType(nal);
    return Buffer.concat([Buffer.from([indicator, header]), piece]);
  });
}

/**
 * `abs-capture-time` in its short form (8 bytes), and `playout-delay` at 0/0 (3 bytes): the receiver shows each frame as soon as it
 * can. One-byte headers, padded to 32 bits (RFC 8285 §4.2).
 */
function extensionBlock(ids: PacketIdentity['extensions'], capturedAt: number): Buffer {
  const block = Buffer.alloc(4 + 16);
  block.writeUInt16BE(0xbede, 0);
  block.writeUInt16BE(4, 2);
  block[4] = (ids.absCaptureTime << 4) | 7;
  const { seconds, fraction } = ntpTime(capturedAt);
  block.writeUInt32BE(seconds, 5);
  block.writeUInt32BE(fraction, 9);
  block[13] = (ids.playoutDelay << 4) | 2;
  return block;
}
