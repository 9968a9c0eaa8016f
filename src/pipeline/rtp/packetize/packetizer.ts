import { RTP_TICKS_PER_MS, type MediaTime } from '../../frame.ts';
import { OPUS_TICKS_PER_MS } from '../opus-clock.ts';
import type { RtpTarget } from '../target.ts';
import type { VideoCodec } from '../../media/video-codec.ts';
import { Av1Payloader } from './av1.ts';
import { H264Payloader } from './h264.ts';
import { headerExtensions } from './header-extensions.ts';
import { OpusPayloader } from './opus.ts';
import type { Payloader } from './payloader.ts';
import { Vp8Payloader } from './vp8.ts';
import { Vp9Payloader } from './vp9.ts';

const RTP_HEADER = 12;

/** What can be sent. */
export type Media = VideoCodec | 'opus';

/** How it is packed, and the ticks of its RTP clock in a millisecond. */
export const MEDIA: Readonly<Record<Media, { readonly Payloader: new () => Payloader; readonly ticksPerMs: number }>> = {
  VP8: { Payloader: Vp8Payloader, ticksPerMs: RTP_TICKS_PER_MS },
  VP9: { Payloader: Vp9Payloader, ticksPerMs: RTP_TICKS_PER_MS },
  H264: { Payloader: H264Payloader, ticksPerMs: RTP_TICKS_PER_MS },
  AV1: { Payloader: Av1Payloader, ticksPerMs: RTP_TICKS_PER_MS },
  opus: { Payloader: OpusPayloader, ticksPerMs: OPUS_TICKS_PER_MS },
};

/** What identifies a packet stream on the wire. */
export type PacketIdentity = Pick<RtpTarget, 'ssrc' | 'payloadType' | 'extensions'>;

/** Packs the frames of one stream into RTP packets (RFC 3550 §5.1). */
export class Packetizer {
  readonly #identity: PacketIdentity;
  readonly #payloader: Payloader;
  readonly #video: boolean;
  #sequence: number;
  #started = false;

  /** @param firstSequence uint16 */
  constructor(media: Media, identity: PacketIdentity, firstSequence: number) {
    this.#identity = identity;
    this.#payloader = new MEDIA[media].Payloader();
    this.#video = media !== 'opus';
    this.#sequence = firstSequence & 0xffff;
  }

  /** Sequence number of the packet that comes next. */
  get nextSequence(): number {
    return this.#sequence;
  }

  /**
   * @param time its `rtp` counts the ticks of the codec's clock
   * @param parts of one frame, as its codec has them
   * @param key a decoder can begin with it
   * @returns whole RTP packets, of which the first carries the header extensions. The last of video has its marker set; of sound the
   *   first of all, as after a silence
   */
  packetize(time: MediaTime, parts: readonly Buffer[], key = false): Buffer[] {
    const payloads = this.#payloader.payloads(parts, key);
    const extensions = headerExtensions(this.#identity.extensions, time.capturedAt, this.#video);
    return payloads.map((payload, i) => {
      const marker = this.#video ? i === payloads.length - 1 : !this.#started;
      this.#started = true;
      return this.#packet(time.rtp, payload, i === 0 ? extensions : undefined, marker);
    });
  }

  #packet(rtp: number, payload: Buffer, extensions: Buffer | undefined, marker: boolean): Buffer {
    const packet = Buffer.allocUnsafe(RTP_HEADER + (extensions?.length ?? 0) + payload.length);
    packet[0] = extensions === undefined ? 0x80 : 0x90;
    packet[1] = (marker ? 0x80 : 0) | this.#identity.payloadType;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(rtp, 4);
    packet.writeUInt32BE(this.#identity.ssrc, 8);
    extensions?.copy(packet, RTP_HEADER);
    payload.copy(packet, packet.length - payload.length);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return packet;
  }
}

/** Bytes of an RTP packet of ours behind its header and header extensions. */
export function payloadLength(packet: Buffer): number {
  const extended = (packet[0]! & 0x10) !== 0;
  return packet.length - RTP_HEADER - (extended ? 4 + packet.readUInt16BE(RTP_HEADER + 2) * 4 : 0);
}
