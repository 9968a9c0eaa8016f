import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';
import type { PacketReader } from './packet-reader.ts';

const TAG = 3;
/** Of a key frame: the tag, a start code, the size. */
const KEY_HEADER = 10;
const START_CODE = 0x9d012a;
/** Versions that RFC 6386 §9.1 knows. */
const MAX_VERSION = 3;

/** VP8 (RFC 6386 §9.1): a packet is a frame. */
export class Vp8Reader implements PacketReader {
  #hidesFrames = false;

  configure(): void {
    this.#hidesFrames = false;
  }

  read(data: Buffer): CodedPicture | TranscodeReason {
    if (data.length < TAG) return 'damaged';
    const tag = data.readUIntLE(0, TAG);
    const key = (tag & 1) === 0;
    const header = key ? KEY_HEADER : TAG;
    if (header + (tag >> 5) > data.length || (key && !begins(data))) return 'damaged';
    // An encoder that makes alternate reference frames goes on with them.
    if ((tag & 0x10) === 0) this.#hidesFrames = true;
    if (((tag >> 1) & 7) > MAX_VERSION) return 'profile';
    return this.#hidesFrames ? 'hidden-frames' : { parts: [data], key };
  }
}

/** Whether the header of a key frame has its start code, and a size. */
function begins(data: Buffer): boolean {
  return data.readUIntBE(TAG, 3) === START_CODE && (data.readUInt16LE(6) & 0x3fff) > 0 && (data.readUInt16LE(8) & 0x3fff) > 0;
}
