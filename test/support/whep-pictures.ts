import { EventEmitter, once } from 'node:events';
import { FrameAssembler, type AssembledFrame } from '../../src/pipeline/rtp/frame-assembler.ts';
import { readRtpPacket } from '../../src/pipeline/rtp/packet.ts';
import type { VideoCodec } from '../../src/pipeline/rtp/video-codec.ts';
import { LowDelayDecoder } from '../../src/pipeline/source/publish/low-delay-decoder.ts';
import { RtpViewer } from './rtp-viewer.ts';

/** A picture as a viewer sees it. */
export interface SeenPicture {
  /** RTP timestamp. */
  readonly rtp: number;
  readonly width: number;
  readonly height: number;
  /** Luma in the middle of the picture. */
  readonly luma: number;
  /** Luma of all pixels, row by row without gaps. */
  readonly plane: Buffer;
}

/** A WHEP viewer that looks at the pictures: libdatachannel receives them, libav decodes them. */
export class WhepPictures extends EventEmitter<{ picture: [SeenPicture] }> implements AsyncDisposable {
  readonly #viewer: RtpViewer;
  readonly #decoder: LowDelayDecoder;
  #decoding: Promise<void> = Promise.resolve();
  readonly #session: string;
  #closed = false;

  private constructor(session: string, viewer: RtpViewer, decoder: LowDelayDecoder, codec: VideoCodec) {
    super();
    this.#session = session;
    this.#viewer = viewer;
    this.#decoder = decoder;
    const assembler = new FrameAssembler(codec, {
      frame: (frame) => {
        this.#decoding = this.#decoding.then(() => this.#decode(frame));
      },
      needsKeyframe: () => undefined,
    });
    const read = (from: number): number => {
      for (const packet of viewer.packets.slice(from)) {
        const parsed = readRtpPacket(packet);
        if (parsed !== undefined) assembler.push(parsed, performance.now());
      }
      return viewer.packets.length;
    };
    let seen = read(0);
    viewer.on('packet', () => (seen = read(seen)));
  }

  /** @param codec the only one that is offered */
  static async open(server: string, stream: string, variant = 'annotated', codec: VideoCodec = 'H264'): Promise<WhepPictures> {
    let session = '';
    const viewer = await RtpViewer.open(async (offer) => {
      const url = `${server}/live/${stream}/whep?variant=${variant}`;
      const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
      if (response.status !== 201) throw new Error(`WHEP answered ${response.status}: ${await response.text()}`);
      session = new URL(response.headers.get('Location') ?? '', url).href;
      return response.text();
    }, { codec });
    return new WhepPictures(session, viewer, await LowDelayDecoder.open(codec), codec);
  }

  /** The first picture from now on that is meant. */
  async sees(meant: (picture: SeenPicture) => boolean = () => true): Promise<SeenPicture> {
    for (;;) {
      const [picture] = (await once(this, 'picture')) as [SeenPicture];
      if (meant(picture)) return picture;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The server may have ended it, or be gone.
    await fetch(this.#session, { method: 'DELETE' }).catch(() => undefined);
    await this.#viewer.close();
    await this.#decoding;
    this.#decoder.close();
  }

  async #decode({ data, timestamp }: AssembledFrame): Promise<void> {
    for (const frame of await this.#decoder.decode(data, timestamp)) {
      const { width, height } = frame;
      const stride = frame.linesize[0] ?? 0;
      const plane = Buffer.alloc(width * height);
      for (let row = 0; row < height; row++) frame.data?.[0]?.copy(plane, row * width, row * stride, row * stride + width);
      frame.free();
      const luma = plane[Math.floor(height / 2) * width + Math.floor(width / 2)]!;
      this.emit('picture', { rtp: timestamp, width, height, luma, plane });
    }
  }
}
