import { readVp9Header, vp9Frames } from '../rtp/depacketize/vp9-frames.ts';
import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';
import type { PacketReader } from './packet-reader.ts';

/**
 * VP9 (bitstream specification §6.2, annex B): a packet is a frame, or a superframe of some that are not shown and one that is. That one may
 * be a frame decoded before, and may have another size than those it refers to: decoders take both, and libwebrtc's own encoder changes
 * the size like that.
 */
export class Vp9Reader implements PacketReader {
  #hidesFrames = false;

  configure(): void {
    this.#hidesFrames = false;
  }

  read(data: Buffer): CodedPicture | TranscodeReason {
    const frames = vp9Frames(data);
    const headers = frames.map(readVp9Header).filter((header) => header !== undefined);
    if (headers.length < frames.length) return 'damaged';
    if (headers.some(({ profile }) => profile !== 0)) return 'profile';
    // Spatial layers are shown each, frames that are not shown may come alone; who makes such goes on with it.
    if (headers.filter(({ shown }) => shown).length !== 1) this.#hidesFrames = true;
    return this.#hidesFrames ? 'hidden-frames' : { parts: [data], key: headers[0]!.key };
  }
}
