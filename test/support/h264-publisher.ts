import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { PeerConnection, Video, type Track } from 'node-datachannel';
import { RtpSource } from './rtp-source.ts';

const SSRC = 4_242_424;
const PAYLOAD_TYPE = 96;

/** A WHIP publisher that is neither ours nor a browser: libdatachannel, with H.264 that it is given as RTP. */
export class H264Publisher implements AsyncDisposable {
  readonly location: string;
  /** What it sends. */
  readonly source: RtpSource;
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #relay: Socket;

  private constructor(location: string, source: RtpSource, peer: PeerConnection, track: Track, relay: Socket) {
    this.location = location;
    this.source = source;
    this.#peer = peer;
    this.#track = track;
    this.#relay = relay;
  }

  static async open(server: string, stream: string): Promise<H264Publisher> {
    const peer = new PeerConnection('publisher', { iceServers: [], disableAutoNegotiation: true });
    const video = new Video('0', 'SendOnly');
    video.addH264Codec(PAYLOAD_TYPE);
    video.addSSRC(SSRC, 'publisher', 'publisher', 'video');
    const track = peer.addTrack(video);
    const gathered = new Promise<void>((resolve) => peer.onGatheringStateChange((state) => state === 'complete' && resolve()));
    peer.setLocalDescription('offer');
    await gathered;
    const response = await fetch(`${server}/live/${stream}/whip`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: peer.localDescription()!.sdp,
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`WHIP answered ${response.status}: ${answer}`);
    const open = new Promise<void>((resolve) => track.onOpen(resolve));
    peer.setRemoteDescription(answer, 'answer');
    await open;
    const relay = createSocket('udp4').bind(0, '127.0.0.1');
    await once(relay, 'listening');
    const target = { host: '127.0.0.1', port: relay.address().port, ssrc: SSRC, payloadType: PAYLOAD_TYPE, extensions: { absCaptureTime: 1, playoutDelay: 2 } };
    const source = await RtpSource.start(target);
    let sender = 0;
    relay.on('message', (packet, { port }) => {
      sender = port;
      if (track.isOpen()) track.sendMessageBinary(packet);
    });
    track.onMessage((packet) => {
      if (sender !== 0) relay.send(packet, sender, '127.0.0.1');
    });
    return new H264Publisher(new URL(response.headers.get('location') ?? '', server).href, source, peer, track, relay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
    this.#relay.close();
    await fetch(this.location, { method: 'DELETE' });
    this.#track.close();
    this.#peer.close();
  }
}
