import { EventEmitter, once } from 'node:events';
import type { VideoCodec } from '../../src/pipeline/media/video-codec.ts';
import { Audio, PeerConnection, Video, type DataChannel, type Track } from 'node-datachannel';

/** What a viewer's end of the exchange of descriptions is: an offer goes in, the answer comes out. */
export type Exchange = (offer: string) => Promise<string>;

export interface RtpViewerOptions {
  /** The only codec that is offered; left out, H.264. */
  readonly codec?: VideoCodec;
  /** Payload type under which it is offered. */
  readonly payloadType?: number;
  /** Offer a data channel for annotations too. */
  readonly data?: boolean;
  /** Payload type under which Opus is offered; left out, no sound is. */
  readonly opus?: number;
}

/** A real WebRTC peer (libdatachannel) that receives RTP and decodes nothing. */
export class RtpViewer extends EventEmitter<{ packet: []; sound: []; report: [Buffer]; message: []; state: [] }> implements AsyncDisposable {
  /** RTP packets of the video, in the order they came. */
  readonly packets: Buffer[] = [];
  /** RTP packets of the sound, in the order they came. */
  readonly sound: Buffer[] = [];
  /** Texts that came over the data channel. */
  readonly messages: string[] = [];
  /** The answer that was given. */
  answer = '';
  state = 'new';
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #audio: Track | undefined;
  readonly #channel: DataChannel | undefined;

  private constructor({ codec = 'H264', payloadType = 108, data = false, opus }: RtpViewerOptions) {
    super();
    this.setMaxListeners(0);
    this.#peer = new PeerConnection('viewer', { iceServers: [], disableAutoNegotiation: true });
    this.#peer.onStateChange((state) => {
      this.state = state;
      this.emit('state');
    });
    const video = new Video('video', 'RecvOnly');
    video[`add${codec}Codec`](payloadType);
    this.#track = this.#peer.addTrack(video);
    this.#track.onMessage((packet) => {
      if (isRtcp(packet)) return void this.emit('report', packet);
      this.packets.push(packet);
      this.emit('packet');
    });
    if (opus !== undefined) {
      const audio = new Audio('audio', 'RecvOnly');
      audio.addOpusCodec(opus);
      this.#audio = this.#peer.addTrack(audio);
      this.#audio.onMessage((packet) => {
        if (isRtcp(packet)) return void this.emit('report', packet);
        this.sound.push(packet);
        this.emit('sound');
      });
    }
    if (data) {
      this.#channel = this.#peer.createDataChannel('annotations', { negotiated: true, id: 0, unordered: true, maxRetransmits: 0 });
      this.#channel.onMessage((message) => {
        this.messages.push(String(message));
        this.emit('message');
      });
    }
  }

  /** @throws what the exchange throws */
  static async open(exchange: Exchange, options: RtpViewerOptions = {}): Promise<RtpViewer> {
    const viewer = new RtpViewer(options);
    try {
      const gathered = new Promise<void>((resolve) => viewer.#peer.onGatheringStateChange((state) => state === 'complete' && resolve()));
      viewer.#peer.setLocalDescription('offer');
      await gathered;
      viewer.answer = await exchange(viewer.#peer.localDescription()!.sdp);
      viewer.#peer.setRemoteDescription(viewer.answer, 'answer');
      return viewer;
    } catch (error) {
      await viewer.close();
      throw error;
    }
  }

  /** Waits for so many packets from now on. */
  async receives(count: number): Promise<void> {
    const until = this.packets.length + count;
    while (this.packets.length < until) await once(this, 'packet');
  }

  /** Waits for so many packets of sound from now on. */
  async hears(count: number): Promise<void> {
    const until = this.sound.length + count;
    while (this.sound.length < until) await once(this, 'sound');
  }

  /** Waits for a message, and answers with the first that there is. */
  async message(): Promise<string> {
    if (this.messages.length === 0) await once(this, 'message');
    return this.messages[0]!;
  }

  async reaches(...states: string[]): Promise<void> {
    while (!states.includes(this.state)) await once(this, 'state');
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    this.#channel?.close();
    this.#track.close();
    this.#audio?.close();
    this.#peer.close();
    await this.reaches('closed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** RTCP shares the track: its types read as payload types 64…95 (RFC 5761 §4). */
function isRtcp(packet: Buffer): boolean {
  const type = packet[1]! & 0x7f;
  return type >= 64 && type < 96;
}

/** The parts of an RTP packet (RFC 3550 §5.1, RFC 8285 §4.2). */
export function readRtp(packet: Buffer): { payloadType: number; sequence: number; timestamp: number; extensions: Map<number, Buffer> } {
  const extensions = new Map<number, Buffer>();
  const start = 12 + 4 * (packet[0]! & 0x0f);
  if ((packet[0]! & 0x10) !== 0 && packet.readUInt16BE(start) === 0xbede) {
    const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
    for (let at = start + 4; at < end; ) {
      const head = packet[at]!;
      if (head === 0) {
        at += 1;
        continue;
      }
      const length = (head & 0x0f) + 1;
      extensions.set(head >> 4, packet.subarray(at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
  return { payloadType: packet[1]! & 0x7f, sequence: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4), extensions };
}
