import type { CodedPicture } from '../media/access-unit.ts';
import type { TranscodeReason } from './transcode-reason.ts';

/** Takes the packets of a source apart, and tells whether they can be sent as they are. Whatever it is given, it does not throw. */
export interface PacketReader {
  /** The container has a new configuration. */
  configure(extradata: Buffer): void;
  /**
   * @param data one packet, which is kept
   * @returns what it holds, or why that can't be sent
   */
  read(data: Buffer): CodedPicture | TranscodeReason;
}
