import { ntpTime } from '../ntp.ts';
import type { RtpTarget } from '../target.ts';

/** Header extensions with one-byte headers, padded to 32 bits (RFC 8285 §4.2). */
const ONE_BYTE_PROFILE = 0xbede;

/**
 * `abs-capture-time` in its short form (8 bytes), and of video `playout-delay` at 0/0 (3 bytes): the receiver shows each frame as soon
 * as it can.
 *
 * @param capturedAt milliseconds since the epoch
 */
export function headerExtensions(ids: RtpTarget['extensions'], capturedAt: number, video: boolean): Buffer {
  const words = video ? 4 : 3;
  const block = Buffer.alloc(4 + 4 * words);
  block.writeUInt16BE(ONE_BYTE_PROFILE, 0);
  block.writeUInt16BE(words, 2);
  block[4] = (ids.absCaptureTime << 4) | 7;
  const { seconds, fraction } = ntpTime(capturedAt);
  block.writeUInt32BE(seconds, 5);
  block.writeUInt32BE(fraction, 9);
  if (video) block[13] = (ids.playoutDelay << 4) | 2;
  return block;
}
