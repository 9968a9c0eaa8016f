import { EventEmitter, once } from 'node:events';
import type { VideoCodec } from '../../src/pipeline/rtp/video-codec.ts';
import { PeerConnection, Video, type DataChannel, type Track } from 'node-datachannel';

/** What a viewer's end of the exchange of descriptions is: an offer goes in, the answer comes out. */
export type Exchange = (offer: string) => Promise<string>;

export interface RtpViewerOptions {
  /** The only codec that is offered; left out, H.264. */
  readonly codec?: VideoCodec;
  /** Payload type under which it is offered. */
  readonly payloadType?: number;
  /** Offer a data channel for annotations too. */
  readonly data?: boolean;
}

/** A real WebRTC peer (libdatachannel) that receives RTP and decodes nothing. */
export class RtpViewer extends EventEmitter<{ packet: []; message: []; state: [] }> implements AsyncDisposable {
  /** RTP packets of the video, in the order they came. */
  readonly packets: Buffer[] = [];
  /** Texts that came over the data channel. */
  readonly messages: string[] = [];
  /** The answer that was given. */
  answer = '';
  state = 'new';
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #channel: DataChannel | undefined;

  private constructor({ codec = 'H264', payloadType = 108, data = false }: RtpViewerOptions) {
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
      // RTCP shares the track: its types read as payload types 64…95 (RFC 5761 §4).
      const type = packet[1]! & 0x7f;
      if (type >= 64 && type < 96) return;
      this.packets.push(packet);
      this.emit('packet');
    });
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
    this.#peer.close();
    await this.reaches('closed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
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
