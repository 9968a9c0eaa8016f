import { FIRST_CHUNK_SIZE, MESSAGE, type RtmpMessage } from './message.ts';
import { RtmpError } from './rtmp-error.ts';

/** Most chunk streams of one peer; encoders use up to six. */
const MAX_CHUNK_STREAMS = 32;
/** Longest message that is not media, and longest that describes media, in bytes. */
const MAX_OTHER = 64 << 10;
const MAX_DATA = 1 << 20;
/** Initial allocation for a message, in bytes. */
const FIRST_BODY = 16 << 10;
/** Most bytes allocated for all incomplete messages together; twice the longest message if that is more. */
const LEAST_PENDING = 1 << 20;
/** Bytes of a message header, by format. */
const HEADER_SIZES = [11, 7, 3, 0] as const;
/** Means that the timestamp is in the four bytes after the header. */
const EXTENDED = 0xff_ffff;

/** The state of a chunk stream: the header that the next chunk may refer to, and the message being assembled. */
interface ChunkStream {
  timestamp: number;
  /** The timestamp field of the last header, in full: absolute, or relative to the previous message. */
  field: number;
  extended: boolean;
  length: number;
  type: number;
  streamId: number;
  body: Buffer;
  filled: number;
  /** Whether a message has begun and is not complete. */
  partial: boolean;
}

/**
 * Assembles messages from a connection’s bytes (RTMP Specification 1.0 §5.3), in pieces of any size. Handles the messages that set the
 * chunk size or abort another message. Memory grows with what was received, not with what was announced.
 */
export class ChunkReader {
  /** Longest message with audio or video, in bytes; zero before the peer may publish. */
  mediaBytes = 0;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = FIRST_CHUNK_SIZE;
  /** The beginning of an incomplete header. */
  #rest: Buffer = Buffer.alloc(0);
  #current: ChunkStream | undefined;
  /** Missing bytes of the current chunk. */
  #left = 0;

  /**
   * Yields complete messages. A change of {@link mediaBytes} between two of them takes effect at once.
   * @throws RtmpError
   */
  *push(data: Buffer): Generator<RtmpMessage> {
    let input = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    this.#rest = Buffer.alloc(0);
    while (input.length > 0) {
      if (this.#current === undefined) {
        const size = this.#begin(input);
        if (size === undefined) {
          this.#rest = Buffer.from(input);
          return;
        }
        input = input.subarray(size);
      }
      const size = Math.min(this.#left, input.length);
      const message = this.#fill(input.subarray(0, size));
      input = input.subarray(size);
      if (message !== undefined && !this.#obey(message)) yield message;
    }
  }

  /** Reads a chunk’s header. @returns its length in bytes; undefined if it is incomplete */
  #begin(input: Buffer): number | undefined {
    const first = input[0]!;
    const format = first >> 6;
    const idBytes = (first & 63) === 0 ? 2 : (first & 63) === 1 ? 3 : 1;
    let size = idBytes + HEADER_SIZES[format]!;
    if (input.length < size) return undefined;
    const id = idBytes === 1 ? first & 63 : 64 + input[1]! + (idBytes === 3 ? input[2]! * 256 : 0);
    const stream = this.#streams.get(id) ?? fresh(format);
    let field = format === 3 ? stream.field : input.readUIntBE(idBytes, 3);
    const extended = format === 3 ? stream.extended : field === EXTENDED;
    if (extended) {
      if (input.length < size + 4) return undefined;
      const value = input.readUInt32BE(size);
      // Some encoders don’t repeat the extended timestamp in continuation chunks.
      if (format !== 3 || value === stream.field) size += 4;
      if (format !== 3) field = value;
    }
    if (stream.partial && format !== 3) throw new RtmpError('A message began before the previous one of its chunk stream had ended.');
    if (!stream.partial) this.#head(stream, format, field, extended, input.subarray(idBytes));
    if (!this.#streams.has(id)) {
      if (this.#streams.size >= MAX_CHUNK_STREAMS) throw new RtmpError('Too many chunk streams.');
      this.#streams.set(id, stream);
    }
    this.#current = stream;
    this.#left = Math.min(this.#chunkSize, stream.length - stream.filled);
    return size;
  }

  /** Begins a message. @param header from the timestamp on */
  #head(stream: ChunkStream, format: number, field: number, extended: boolean, header: Buffer): void {
    stream.field = field;
    stream.extended = extended;
    stream.timestamp = format === 0 ? field : (stream.timestamp + field) >>> 0;
    if (format <= 1) {
      stream.length = header.readUIntBE(3, 3);
      stream.type = header[6]!;
    }
    if (format === 0) stream.streamId = header.readUInt32LE(7);
    if (stream.length > this.#longest(stream.type)) throw new RtmpError('A message is too long.');
    stream.filled = 0;
    stream.partial = true;
    stream.body = Buffer.allocUnsafe(Math.min(stream.length, FIRST_BODY));
  }

  #longest(type: number): number {
    if (type === MESSAGE.audio || type === MESSAGE.video) return this.mediaBytes;
    return type === MESSAGE.data || type === MESSAGE.dataAmf3 ? Math.min(this.mediaBytes, MAX_DATA) : MAX_OTHER;
  }

  /** @returns the message, if it is complete now */
  #fill(data: Buffer): RtmpMessage | undefined {
    const stream = this.#current!;
    const end = stream.filled + data.length;
    if (end > stream.body.length) {
      const grown = Buffer.allocUnsafe(Math.min(stream.length, Math.max(end, 2 * stream.body.length)));
      stream.body.copy(grown, 0, 0, stream.filled);
      stream.body = grown;
      if (this.#pending > Math.max(2 * this.mediaBytes, LEAST_PENDING)) throw new RtmpError('Too many messages at a time.');
    }
    data.copy(stream.body, stream.filled);
    stream.filled = end;
    this.#left -= data.length;
    if (this.#left > 0) return undefined;
    this.#current = undefined;
    if (end < stream.length) return undefined;
    const { type, streamId, timestamp, body } = stream;
    forget(stream);
    return { type, streamId, timestamp, payload: body };
  }

  #obey({ type, payload }: RtmpMessage): boolean {
    if (type !== MESSAGE.setChunkSize && type !== MESSAGE.abort) return false;
    if (payload.length < 4) throw new RtmpError('A control message is cut off.');
    const value = payload.readUInt32BE();
    if (type === MESSAGE.abort) {
      const stream = this.#streams.get(value);
      if (stream !== undefined) forget(stream);
    } else {
      if (value < 1 || value > 0x7fff_ffff) throw new RtmpError('The chunk size is invalid.');
      this.#chunkSize = value;
    }
    return true;
  }

  /** Bytes allocated for incomplete messages. */
  get #pending(): number {
    let bytes = 0;
    for (const { body } of this.#streams.values()) bytes += body.length;
    return bytes;
  }
}

/** Some encoders begin a chunk stream with a header that omits the message stream id; it is 0 then, for control. */
function fresh(format: number): ChunkStream {
  if (format > 1) throw new RtmpError('A chunk refers to a previous one that does not exist.');
  return { timestamp: 0, field: 0, extended: false, length: 0, type: 0, streamId: 0, body: Buffer.alloc(0), filled: 0, partial: false };
}

function forget(stream: ChunkStream): void {
  stream.partial = false;
  stream.filled = 0;
  stream.body = Buffer.alloc(0);
}
