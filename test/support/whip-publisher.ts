import wrtc from '@roamhq/wrtc';

const FRAME_MS = 1000 / 30;

export interface WhipPublisherOptions {
  /** The codec that the server is offered first, and so takes. */
  readonly codec?: 'VP8' | 'VP9' | 'AV1';
  readonly width?: number;
  readonly height?: number;
  readonly token?: string;
}

/** A refusal of the server, with its problem. */
export class WhipRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, problem: { detail?: string; code?: string }) {
    super(problem.detail ?? '');
    this.status = status;
    this.code = problem.code;
  }
}

/** A WHIP publisher that is not ours: libwebrtc, by @roamhq/wrtc. It sends grey pictures, of which each is a little brighter than the last. */
export class WhipPublisher implements AsyncDisposable {
  readonly location: string;
  readonly etag: string;
  readonly answer: string;
  /** Pixels; may be changed at any time. */
  size: { width: number; height: number };
  /** Luma of the pictures, 16…235. */
  luma = 100;
  readonly #peer: wrtc.RTCPeerConnection;
  readonly #track: wrtc.MediaStreamTrack;
  readonly #frames: NodeJS.Timeout;
  readonly #headers: Record<string, string>;

  private constructor(
    peer: wrtc.RTCPeerConnection,
    source: InstanceType<typeof wrtc.nonstandard.RTCVideoSource>,
    track: wrtc.MediaStreamTrack,
    session: { location: string; etag: string; answer: string; headers: Record<string, string> },
    size: { width: number; height: number },
  ) {
    this.#peer = peer;
    this.#track = track;
    this.#headers = session.headers;
    this.location = session.location;
    this.etag = session.etag;
    this.answer = session.answer;
    this.size = size;
    this.#frames = setInterval(() => source.onFrame(this.#picture()), FRAME_MS);
  }

  /** @throws WhipRefusal */
  static async open(server: string, stream: string, { codec = 'VP8', width = 320, height = 240, token }: WhipPublisherOptions = {}): Promise<WhipPublisher> {
    const peer = new wrtc.RTCPeerConnection();
    const source = new wrtc.nonstandard.RTCVideoSource();
    const track = source.createTrack();
    peer.addTransceiver(track, { direction: 'sendonly' });
    try {
      const offer = await peer.createOffer();
      await peer.setLocalDescription(offer);
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(`${server}/live/${stream}/whip`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', ...headers },
        body: preferring(offer.sdp ?? '', codec),
      });
      const answer = await response.text();
      if (response.status !== 201) throw new WhipRefusal(response.status, JSON.parse(answer) as object);
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
      const location = new URL(response.headers.get('location') ?? '', server).href;
      return new WhipPublisher(peer, source, track, { location, etag: response.headers.get('etag') ?? '', answer, headers }, { width, height });
    } catch (error) {
      track.stop();
      peer.close();
      throw error;
    }
  }

  get state(): string {
    return this.#peer.connectionState;
  }

  /** Resolves when the connection is in one of these states. */
  async reaches(...states: string[]): Promise<void> {
    while (!states.includes(this.#peer.connectionState)) {
      await new Promise((resolve) => this.#peer.addEventListener('connectionstatechange', resolve, { once: true }));
    }
  }

  /** Says that it ends. */
  async delete(): Promise<number> {
    const { status } = await fetch(this.location, { method: 'DELETE', headers: this.#headers });
    return status;
  }

  /** Goes without a word; idempotent. */
  close(): void {
    clearInterval(this.#frames);
    this.#track.stop();
    this.#peer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.delete();
    this.close();
  }

  #picture(): { width: number; height: number; data: Uint8Array<ArrayBuffer> } {
    const { width, height } = this.size;
    const data = new Uint8Array((width * height * 3) / 2).fill(128);
    data.fill(this.luma, 0, width * height);
    return { width, height, data };
  }
}

/** The offer with one codec before the others: whoever answers takes the first. */
function preferring(sdp: string, codec: string): string {
  const payload = new RegExp(`^a=rtpmap:(\\d+) ${codec}/`, 'm').exec(sdp)?.[1];
  return sdp.replace(/^(m=video \S+ \S+ )(.*)$/m, (_line, head: string, types: string) => {
    const rest = types.trim().split(' ').filter((type) => type !== payload);
    return `${head}${[payload, ...rest].join(' ')}`;
  });
}
