import { MESSAGE, type RtmpMessage } from './message.ts';

/** The FLV file header, with the size field before the first tag. */
export function flvHeader(content: { audio: boolean; video: boolean }): Buffer {
  const flags = (content.audio ? 4 : 0) | (content.video ? 1 : 0);
  return Buffer.from([0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]);
}

/** A message as an FLV tag (Adobe, “Video File Format Specification 10.1” §E.4.1): RTMP and FLV share types, payloads and timestamps. */
export function flvTag({ type, timestamp, payload }: Pick<RtmpMessage, 'type' | 'timestamp' | 'payload'>): Buffer {
  const tag = Buffer.allocUnsafe(11 + payload.length + 4);
  tag[0] = type;
  tag.writeUIntBE(payload.length, 1, 3);
  tag.writeUIntBE(timestamp & 0xff_ffff, 4, 3);
  tag[7] = timestamp >>> 24;
  tag.writeUIntBE(0, 8, 3);
  payload.copy(tag, 11);
  tag.writeUInt32BE(11 + payload.length, 11 + payload.length);
  return tag;
}

/**
 * What a tag means to readers that join later.
 * - `script`: describes the whole stream
 * - `video-header`, `audio-header`: decoder configuration
 * - `key`: a key frame
 * - `delta`: a frame that refers to earlier ones
 * - `audio`
 * - `nothing`: carries nothing
 */
export type TagRole = 'script' | 'video-header' | 'audio-header' | 'key' | 'delta' | 'audio' | 'nothing';

/** Codecs of the original format whose decoders need a header. */
const AVC = 7;
const AAC = 10;
const AUDIO_EX = 9;

/** The role of a message, from the first bytes of its payload; also of Enhanced RTMP (Veovera, 2.0). */
export function tagRole({ type, payload }: Pick<RtmpMessage, 'type' | 'payload'>): TagRole {
  const [first, second] = payload;
  if (type === MESSAGE.data) return 'script';
  if (first === undefined) return 'nothing';
  if (type === MESSAGE.audio) {
    const format = first >> 4;
    if (format === AUDIO_EX) return (first & 15) === 0 ? 'audio-header' : 'audio';
    return format === AAC && second === 0 ? 'audio-header' : 'audio';
  }
  const frameType = (first >> 4) & 7;
  // 5 is a command to a player.
  if (frameType === 5) return 'nothing';
  const header = (first & 0x80) === 0 ? (first & 15) === AVC && second === 0 : (first & 15) === 0;
  if (header) return 'video-header';
  return frameType === 1 ? 'key' : 'delta';
}
