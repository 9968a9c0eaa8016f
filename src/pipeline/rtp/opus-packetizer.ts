import type { MediaTime } from '../frame.ts';
import { ntpTime } from './ntp.ts';
import type { PacketIdentity } from './packetizer.ts';

const RTP_HEADER = 12;

/** Packs Opus frames into RTP packets, one each (RFC 7587 §4.2). */
export class OpusPacketizer {
  readonly #identity: PacketIdentity;
  #sequence: number;
  #started = false;

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
   * @param id its `rtp` counts 48 kHz ticks
   * @param frame one Opus packet
   * @returns one RTP packet with the time of capture; the first of all has its marker set, as after a silence
   */
  packetize({ rtp, capturedAt }: MediaTime, [frame]: readonly Buffer[]): Buffer[] {
    if (frame === undefined) return [];
    const extensions = captureTimeBlock(this.#identity.extensions.absCaptureTime, capturedAt);
    const packet = Buffer.allocUnsafe(RTP_HEADER + extensions.length + frame.length);
    packet[0] = 0x90;
    packet[1] = (this.#started ? 0 : 0x80) | this.#identity.payloadType;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(rtp, 4);
    packet.writeUInt32BE(this.#identity.ssrc, 8);
    extensions.copy(packet, RTP_HEADER);
    frame.copy(packet, RTP_HEADER + extensions.length);
    this.#started = true;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return [packet];
  }
}

/** `abs-capture-time` in its short form, with a one-byte header and padded to 32 bits (RFC 8285 §4.2). */
function captureTimeBlock(id: number, capturedAt: number): Buffer {
  const block = Buffer.alloc(4 + 12);
  block.writeUInt16BE(0xbede, 0);
  block.writeUInt16BE(3, 2);
  block[4] = (id << 4) | 7;
  const { seconds, fraction } = ntpTime(capturedAt);
  block.writeUInt32BE(seconds, 5);
  block.writeUInt32BE(fraction, 9);
  return block;
}
