import type { RtmpMessage } from './message.ts';

/** Chunk streams of a server’s messages: control (RTMP Specification 1.0 §5.4) and commands. */
const CONTROL_CHUNKS = 2;
const COMMAND_CHUNKS = 3;

/** Writes a message in chunks; only the first has a full header. @param chunkSize as announced to the peer */
export function writeMessage({ type, streamId, timestamp, payload }: RtmpMessage, chunkSize: number): Buffer {
  const id = type < 8 ? CONTROL_CHUNKS : COMMAND_CHUNKS;
  const header = Buffer.alloc(12);
  header[0] = id;
  header.writeUIntBE(timestamp, 1, 3);
  header.writeUIntBE(payload.length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(streamId, 8);
  const parts: Buffer[] = [header, payload.subarray(0, chunkSize)];
  for (let at = chunkSize; at < payload.length; at += chunkSize) parts.push(Buffer.from([0xc0 | id]), payload.subarray(at, at + chunkSize));
  return Buffer.concat(parts);
}
