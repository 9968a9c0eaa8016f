import { EventEmitter, once } from 'node:events';
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log, type Frame } from 'node-av/lib';
import { FrameAssembler, type AssembledFrame } from '../../src/pipeline/rtp/frame-assembler.ts';
import { readRtpPacket } from '../../src/pipeline/rtp/packet.ts';
import type { VideoCodec } from '../../src/pipeline/media/video-codec.ts';
import { LowDelayDecoder } from '../../src/pipeline/source/publish/low-delay-decoder.ts';
import { RtpViewer } from './rtp-viewer.ts';

// libvpx tells of each change of size.
Log.setLevel(AV_LOG_ERROR);

/** A picture as a viewer sees it. */
export interface SeenPicture {
  /** RTP timestamp. */
  readonly rtp: number;
  readonly width: number;
  readonly height: number;
  /** What it was decoded from, as it came: of H.264 with start codes. */
  readonly coded: Buffer;
  /** Luma in the middle of the picture. */
  readonly luma: number;
  /** Luma of all pixels, row by row without gaps. */
  readonly plane: Buffer;
  /** Cb and Cr of the pixel at a place. */
  chroma(x: number, y: number): readonly [cb: number, cr: number];
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
      const picture = seen(timestamp, frame, data);
      frame.free();
      this.emit('picture', picture);
    }
  }
}

/** @param frame planar 4:2:0, which may be freed afterwards */
function seen(rtp: number, frame: Frame, coded: Buffer): SeenPicture {
  const { width, height } = frame;
  const [plane, cb, cr] = [packed(frame, 0, width, height), packed(frame, 1, width >> 1, height >> 1), packed(frame, 2, width >> 1, height >> 1)];
  const luma = plane[Math.floor(height / 2) * width + Math.floor(width / 2)]!;
  const chroma = (x: number, y: number): readonly [number, number] => {
    const at = (y >> 1) * (width >> 1) + (x >> 1);
    return [cb[at]!, cr[at]!];
  };
  return { rtp, width, height, coded, luma, plane, chroma };
}

/** A plane row by row without gaps. */
function packed({ data, linesize }: Frame, index: 0 | 1 | 2, width: number, height: number): Buffer {
  const [plane, stride] = [Buffer.alloc(width * height), linesize[index] ?? 0];
  for (let row = 0; row < height; row++) data?.[index]?.copy(plane, row * width, row * stride, row * stride + width);
  return plane;
}
