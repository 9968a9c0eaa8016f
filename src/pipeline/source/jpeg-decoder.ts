import { Codec, CodecContext, Dictionary, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import { AV_CODEC_ID_MJPEG } from 'node-av/constants';
import type { Picture } from '../picture.ts';
import { MAX_PIXELS } from './limits.ts';
import { PictureNormaliser } from './normaliser.ts';
import { SourceError } from './source.ts';

const UNIT = new Rational(1, 1000);

/** Turns JPEG pictures, one at a time, into pictures of the pipeline. */
export class JpegDecoder {
  readonly #context: CodecContext;
  readonly #normaliser = new PictureNormaliser();

  private constructor(context: CodecContext) {
    this.#context = context;
  }

  static async create(): Promise<JpegDecoder> {
    const codec = Codec.findDecoder(AV_CODEC_ID_MJPEG);
    if (codec === null) throw new SourceError('source-unsupported', 'This build of libav can’t decode JPEG.');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.threadCount = 1;
    using options = Dictionary.fromObject({ max_pixels: String(MAX_PIXELS) });
    FFmpegError.throwIfError(await context.open2(codec, options), 'JPEG decoder');
    return new JpegDecoder(context);
  }

  /** @returns nothing where the bytes are no picture that can be shown */
  async decode(jpeg: Buffer): Promise<Picture | undefined> {
    using packet = new Packet();
    packet.alloc();
    packet.data = jpeg;
    if ((await this.#context.sendPacket(packet)) < 0) return undefined;
    const frame = new Frame();
    frame.alloc();
    if ((await this.#context.receiveFrame(frame)) < 0) {
      frame.free();
      return undefined;
    }
    // Single pictures have no time of their own, but a conversion wants a unit for it.
    frame.timeBase = UNIT;
    const [first, ...more] = await this.#normaliser.normalise(frame);
    for (const { picture } of more) picture.release();
    return first?.picture;
  }

  /** Not while something is being decoded. */
  close(): void {
    this.#normaliser.close();
    this.#context.freeContext();
  }
}
