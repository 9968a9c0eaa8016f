import type { Socket } from 'node:net';
import { isAmfObject, readAmf0, writeAmf0, type AmfValue } from './amf0.ts';
import { ChunkReader } from './chunk-reader.ts';
import { writeMessage } from './chunk-writer.ts';
import { Handshake } from './handshake.ts';
import { FIRST_CHUNK_SIZE, MESSAGE, type RtmpMessage } from './message.ts';
import { isApplication } from './publish-name.ts';
import { Refusal } from '../util/refusal.ts';
import { RtmpError } from './rtmp-error.ts';

/** Time limits of a connection, in milliseconds. */
export interface ConnectionTimes {
  /** From connecting to the admission of the publisher. */
  readonly admission: number;
  /** Without receiving a byte. */
  readonly silence: number;
  /** For the peer to close the connection after the last message. */
  readonly farewell: number;
}

const CONNECTION_TIMES: ConnectionTimes = { admission: 15_000, silence: 8000, farewell: 1000 };
/** Longest message with audio or video, in bytes. */
const MEDIA_BYTES = 16 << 20;
const CHUNK_SIZE = 4096;
/** Bytes after which either side acknowledges what it has received. */
const WINDOW = 2_500_000;
const LEAST_WINDOW = 65_536;
/** Most bytes of answers that may wait for a peer that does not read them. */
const MAX_UNREAD = 65_536;
/** The message stream id that `createStream` returns. */
const MEDIA_STREAM = 1;
/** User control events (RTMP Specification 1.0 §7.1.7). */
const STREAM_BEGIN = 0;
const PING_REQUEST = 6;
const PING_RESPONSE = 7;
/** The beginning of data messages that describe the media. */
const SET_DATA_FRAME = writeAmf0('@setDataFrame');
const METADATA = writeAmf0('onMetaData');
/** Accepted codecs of Enhanced RTMP 2.0. */
const FOURCC = ['avc1', 'hvc1', 'av01', 'vp08', 'vp09', 'Opus', 'mp4a', 'fLaC', 'ac-3', 'ec-3', '.mp3'];

/** Where the media of an admitted publisher goes. */
export interface Push {
  media(message: RtmpMessage): void;
  /** Called once. @param orderly whether the publisher announced its end */
  end(orderly: boolean): void;
}

/**
 * Admits a publisher.
 * @throws Refusal whose message the publisher is told
 */
export type Admit = (app: string, name: string, connection: RtmpConnection) => Promise<Push>;

/** `handshake` → `commands` → `publishing` → `closed`. */
type State = 'handshake' | 'commands' | 'publishing' | 'closed';

/** The server’s side of one RTMP connection (RTMP Specification 1.0), for publishers only. */
export class RtmpConnection {
  readonly #socket: Socket;
  readonly #admit: Admit;
  readonly #times: ConnectionTimes;
  readonly #chunks = new ChunkReader();
  readonly #handshake: Handshake;
  readonly #admission: NodeJS.Timeout;
  #state: State = 'handshake';
  #app: string | undefined;
  #push: Push | undefined;
  #orderly = false;
  #received = 0;
  #acknowledged = 0;
  #window = WINDOW;
  /** Size of sent chunks, in bytes. */
  #chunkSize = FIRST_CHUNK_SIZE;

  constructor(socket: Socket, admit: Admit, times: ConnectionTimes = CONNECTION_TIMES) {
    this.#socket = socket;
    this.#admit = admit;
    this.#times = times;
    this.#handshake = new Handshake((data) => this.#write(data));
    this.#admission = setTimeout(() => socket.destroy(), times.admission);
    socket.setNoDelay(true);
    socket.setTimeout(times.silence, () => socket.destroy());
  }

  /** Whether its publisher is admitted. */
  get publishing(): boolean {
    return this.#state === 'publishing';
  }

  /** Serves the peer until it or the connection ends. @throws RtmpError if it violates the protocol; Error if the connection breaks */
  async run(): Promise<void> {
    try {
      for await (const data of this.#socket as AsyncIterable<Buffer>) {
        for (const message of this.#messages(data)) await this.#take(message);
        this.#acknowledge(data.length);
      }
    } finally {
      this.#state = 'closed';
      clearTimeout(this.#admission);
      this.#socket.destroy();
      this.#push?.end(this.#orderly);
    }
  }

  /** Tells the publisher why its publication ends, and closes; idempotent. */
  close(reason: string): void {
    if (this.#state !== 'closed') this.#refuse('NetStream.Publish.BadName', reason);
  }

  #messages(data: Buffer): Iterable<RtmpMessage> {
    if (this.#state === 'closed') return [];
    if (this.#state !== 'handshake') return this.#chunks.push(data);
    const rest = this.#handshake.push(data);
    if (rest === undefined) return [];
    this.#state = 'commands';
    return this.#chunks.push(rest);
  }

  async #take(message: RtmpMessage): Promise<void> {
    if (this.#state === 'closed') return;
    const { type, payload } = message;
    switch (type) {
      case MESSAGE.audio:
      case MESSAGE.video:
        return this.#push?.media(message);
      case MESSAGE.data:
        return this.#data(message);
      case MESSAGE.dataAmf3:
        return this.#data({ ...message, type: MESSAGE.data, payload: payload.subarray(1) });
      case MESSAGE.command:
        return this.#command(readAmf0(payload));
      case MESSAGE.commandAmf3:
        // One byte, then AMF 0 as well.
        return this.#command(readAmf0(payload.subarray(1)));
      case MESSAGE.userControl:
        return this.#userControl(payload);
      case MESSAGE.windowAcknowledgementSize:
        if (payload.length >= 4) this.#window = Math.max(LEAST_WINDOW, payload.readUInt32BE());
        return;
      default:
        return;
    }
  }

  /** Strips `@setDataFrame`, which is for servers; what follows it describes the media. */
  #data(message: RtmpMessage): void {
    const { payload } = message;
    const data = beginsWith(payload, SET_DATA_FRAME) ? payload.subarray(SET_DATA_FRAME.length) : payload;
    if (beginsWith(data, METADATA)) this.#push?.media({ ...message, payload: data });
  }

  async #command([name, transaction, ...args]: AmfValue[]): Promise<void> {
    switch (name) {
      case 'connect':
        return this.#connect(transaction, args[0]);
      case 'createStream':
        return this.#send(MESSAGE.command, writeAmf0('_result', transaction, null, MEDIA_STREAM));
      case 'releaseStream':
      case 'FCPublish':
        return this.#send(MESSAGE.command, writeAmf0('_result', transaction, null, undefined));
      case 'publish':
        return this.#publish(args[1]);
      case 'play':
        return this.#refuse('NetStream.Play.Failed', 'Streams are only taken here. Watch them over WebRTC.');
      case 'FCUnpublish':
      case 'closeStream':
      case 'deleteStream':
        return this.#unpublish();
      default:
        return;
    }
  }

  #connect(transaction: AmfValue, options: AmfValue): void {
    const app = isAmfObject(options) ? options['app'] : undefined;
    if (typeof app !== 'string' || !isApplication(app)) {
      const info = { level: 'error', code: 'NetConnection.Connect.InvalidApp', description: 'The address is rtmp://HOST:PORT/live/STREAM.' };
      this.#send(MESSAGE.command, writeAmf0('_error', transaction, null, info));
      return this.#hangUp();
    }
    this.#app = app;
    this.#send(MESSAGE.windowAcknowledgementSize, uint32(WINDOW));
    this.#send(MESSAGE.setPeerBandwidth, Buffer.concat([uint32(WINDOW), Buffer.from([2])]));
    this.#send(MESSAGE.setChunkSize, uint32(CHUNK_SIZE));
    this.#chunkSize = CHUNK_SIZE;
    const server = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, fourCcList: FOURCC };
    const info = { level: 'status', code: 'NetConnection.Connect.Success', description: 'Connected.', objectEncoding: 0 };
    this.#send(MESSAGE.command, writeAmf0('_result', transaction, server, info));
  }

  async #publish(name: AmfValue): Promise<void> {
    if (this.#push !== undefined) return this.#refuse('NetStream.Publish.BadName', 'This connection publishes already.');
    if (this.#app === undefined || typeof name !== 'string') throw new RtmpError('The peer publishes without a name, or before connecting.');
    try {
      this.#push = await this.#admit(this.#app, name, this);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#refuse('NetStream.Publish.BadName', error.message);
    }
    // The connection may have been closed meanwhile.
    if (this.#state !== 'commands') return;
    clearTimeout(this.#admission);
    this.#state = 'publishing';
    this.#chunks.mediaBytes = MEDIA_BYTES;
    this.#send(MESSAGE.userControl, Buffer.concat([uint16(STREAM_BEGIN), uint32(MEDIA_STREAM)]));
    this.#status('status', 'NetStream.Publish.Start', 'Published.');
  }

  #unpublish(): void {
    if (this.#state !== 'publishing') return;
    this.#orderly = true;
    this.#status('status', 'NetStream.Unpublish.Success', 'Unpublished.');
    this.#hangUp();
  }

  #userControl(payload: Buffer): void {
    if (payload.length < 6 || payload.readUInt16BE() !== PING_REQUEST) return;
    this.#send(MESSAGE.userControl, Buffer.concat([uint16(PING_RESPONSE), payload.subarray(2, 6)]));
  }

  #refuse(code: string, description: string): void {
    this.#status('error', code, description);
    this.#hangUp();
  }

  #status(level: 'status' | 'error', code: string, description: string): void {
    this.#send(MESSAGE.command, writeAmf0('onStatus', 0, null, { level, code, description }), MEDIA_STREAM);
  }

  /** Discards what the peer still sends, so that it reads the last message before the connection closes. */
  #hangUp(): void {
    this.#state = 'closed';
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), this.#times.farewell).unref();
  }

  /** Acknowledges received bytes (RTMP Specification 1.0 §5.4.3). */
  #acknowledge(bytes: number): void {
    this.#received += bytes;
    if (this.#state === 'closed' || this.#received - this.#acknowledged < this.#window) return;
    this.#acknowledged = this.#received;
    this.#send(MESSAGE.acknowledgement, uint32(this.#received % 0x1_0000_0000));
  }

  #send(type: number, payload: Buffer, streamId = 0): void {
    this.#write(writeMessage({ type, streamId, timestamp: 0, payload }, this.#chunkSize));
  }

  #write(data: Buffer): void {
    if (this.#socket.writableLength > MAX_UNREAD) this.#socket.destroy();
    else if (this.#socket.writable) this.#socket.write(data);
  }
}

function beginsWith(data: Buffer, beginning: Buffer): boolean {
  return data.subarray(0, beginning.length).equals(beginning);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
