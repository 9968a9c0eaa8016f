import { ntpTime } from './ntp.ts';

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;

/** What a receiver asks for in one compound packet. */
export interface Feedback {
  /** A picture loss indication (RFC 4585 §6.3.1) or a full intra request (RFC 5104 §4.3.1). */
  keyframe: boolean;
  /** Sequence numbers that were lost (RFC 4585 §6.2.1). */
  lost: number[];
}

/**
 * Reads what an RTCP packet asks of one sender; whatever is malformed or meant for others is passed over.
 * @param ssrc the sender's own
 */
export function parseFeedback(packet: Buffer, ssrc: number): Feedback {
  const feedback: Feedback = { keyframe: false, lost: [] };
  for (let at = 0; at + 4 <= packet.length; ) {
    const size = (packet.readUInt16BE(at + 2) + 1) * 4;
    if (packet[at]! >> 6 !== 2 || at + size > packet.length) break;
    readOne(packet.subarray(at, at + size), ssrc, feedback);
    at += size;
  }
  return feedback;
}

function readOne(packet: Buffer, ssrc: number, feedback: Feedback): void {
  const type = packet[1];
  const format = packet[0]! & 0x1f;
  if (packet.length < 12) return;
  const media = packet.readUInt32BE(8);
  if (type === PAYLOAD_FEEDBACK && format === 1 && media === ssrc) feedback.keyframe = true;
  if (type === PAYLOAD_FEEDBACK && format === 4) {
    for (let at = 12; at + 8 <= packet.length; at += 8) if (packet.readUInt32BE(at) === ssrc) feedback.keyframe = true;
  }
  if (type === TRANSPORT_FEEDBACK && format === 1 && media === ssrc) {
    for (let at = 12; at + 4 <= packet.length; at += 4) {
      const first = packet.readUInt16BE(at);
      const following = packet.readUInt16BE(at + 2);
      feedback.lost.push(first);
      for (let bit = 0; bit < 16; bit++) if ((following >> bit) & 1) feedback.lost.push((first + bit + 1) & 0xffff);
    }
  }
}

/**
 * Asks for packets to be sent again (RFC 4585 §6.2.1).
 *
 * @param ssrc of whom is asked
 * @param lost sequence numbers, in their order
 */
export function negativeAcknowledgement(ssrc: number, lost: readonly number[]): Buffer {
  const entries: { first: number; following: number }[] = [];
  for (const sequence of lost) {
    const last = entries.at(-1);
    const distance = last === undefined ? 0 : (sequence - last.first) & 0xffff;
    if (last !== undefined && distance >= 1 && distance <= 16) last.following |= 1 << (distance - 1);
    else entries.push({ first: sequence, following: 0 });
  }
  const packet = Buffer.alloc(12 + 4 * entries.length);
  packet[0] = 0x81;
  packet[1] = TRANSPORT_FEEDBACK;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 8);
  for (const [i, { first, following }] of entries.entries()) {
    packet.writeUInt16BE(first, 12 + 4 * i);
    packet.writeUInt16BE(following, 14 + 4 * i);
  }
  return packet;
}

/**
 * A sender report with the sender's canonical name: tells receivers which wall-clock time belongs to which RTP timestamp
 * (RFC 3550 §6.4.1, §6.5).
 *
 * @param at milliseconds since the epoch
 * @param rtp the RTP timestamp of that time, uint32
 */
export function senderReport(sender: { ssrc: number; packets: number; octets: number; cname: string }, at: number, rtp: number): Buffer {
  const report = Buffer.alloc(28);
  report[0] = 0x80;
  report[1] = SENDER_REPORT;
  report.writeUInt16BE(6, 2);
  report.writeUInt32BE(sender.ssrc, 4);
  const { seconds, fraction } = ntpTime(at);
  report.writeUInt32BE(seconds, 8);
  report.writeUInt32BE(fraction, 12);
  report.writeUInt32BE(rtp, 16);
  report.writeUInt32BE(sender.packets >>> 0, 20);
  report.writeUInt32BE(sender.octets >>> 0, 24);

  const name = Buffer.from(sender.cname).subarray(0, 255);
  // At least one zero byte ends the list of items; the chunk is padded to 32 bits.
  const chunk = Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const description = Buffer.alloc(4 + chunk);
  description[0] = 0x81;
  description[1] = SOURCE_DESCRIPTION;
  description.writeUInt16BE(chunk / 4, 2);
  description.writeUInt32BE(sender.ssrc, 4);
  description[8] = 1;
  description[9] = name.length;
  name.copy(description, 10);
  return Buffer.concat([report, description]);
}
