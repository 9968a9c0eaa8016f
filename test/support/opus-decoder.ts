import { Codec, CodecContext, FFmpegError, Frame, Packet } from 'node-av/lib';
import { AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_S16, AVERROR_EAGAIN, FF_DECODER_LIBOPUS } from 'node-av/constants';

/** Decodes Opus as a WebRTC receiver does: all that comes out, from the first sample. */
export class OpusDecoder {
  readonly #context = new CodecContext();
  readonly #packet = new Packet();
  readonly #frame = new Frame();

  private constructor() {
    this.#packet.alloc();
    this.#frame.alloc();
  }

  static async open(): Promise<OpusDecoder> {
    const decoder = new OpusDecoder();
    const codec = Codec.findDecoderByName(FF_DECODER_LIBOPUS);
    decoder.#context.allocContext3(codec);
    decoder.#context.sampleRate = 48_000;
    decoder.#context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    FFmpegError.throwIfError(await decoder.#context.open2(codec), 'open libopus');
    return decoder;
  }

  /** @returns samples of the left channel at 48 kHz, −1…1 */
  decode(data: Buffer): number[] {
    this.#packet.data = data;
    FFmpegError.throwIfError(this.#context.sendPacketSync(this.#packet), 'sendPacket');
    this.#packet.unref();
    const samples: number[] = [];
    while (this.#context.receiveFrameSync(this.#frame) !== AVERROR_EAGAIN) {
      if (this.#frame.format !== AV_SAMPLE_FMT_S16) throw new Error('The decoder gives another format than was thought.');
      const plane = this.#frame.data![0]!;
      for (let i = 0; i < this.#frame.nbSamples; i++) samples.push(plane.readInt16LE(i * 4) / 32_768);
      this.#frame.unref();
    }
    return samples;
  }

  close(): void {
    this.#packet.free();
    this.#frame.free();
    this.#context.freeContext();
  }
}
