import { Codec, CodecContext, FFmpegError, Packet, Rational, type Frame } from 'node-av/lib';
import { AVERROR_EAGAIN, AV_CHANNEL_LAYOUT_STEREO, AV_SAMPLE_FMT_S16, FF_ENCODER_LIBOPUS } from 'node-av/constants';

/** Hz. */
export const SAMPLE_RATE = 48_000;
/** Samples of one packet: 20 ms, what every receiver is made for. */
export const FRAME_SAMPLES = 960;

const BITRATE = 96_000;
/** Per cent of lost packets that it is prepared for: without any, it would put no error correction into the packets. */
const EXPECTED_LOSS = 5;

/** One Opus packet, and the time of its first sample. */
export interface OpusPacket {
  /** 48 kHz ticks on the clock of the frames; what the encoder looks ahead is taken off. */
  readonly pts: bigint;
  readonly data: Buffer;
}

/** libopus: 48 kHz stereo, 20 ms, in-band forward error correction (RFC 6716 §2.1.7). Frames go in one after the other. */
export class OpusEncoder {
  readonly #context: CodecContext;
  readonly #packet = new Packet();
  #closed = false;

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#packet.alloc();
  }

  /** @throws Error where this build of libav has no libopus */
  static async open(): Promise<OpusEncoder> {
    const codec = Codec.findEncoderByName(FF_ENCODER_LIBOPUS);
    if (codec === null) throw new Error('libav has no encoder libopus');
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = SAMPLE_RATE;
    context.sampleFormat = AV_SAMPLE_FMT_S16;
    context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
    context.timeBase = new Rational(1, SAMPLE_RATE);
    context.bitRate = BigInt(BITRATE);
    try {
      for (const [name, value] of Object.entries({ application: 'audio', frame_duration: '20', fec: '1', packet_loss: String(EXPECTED_LOSS) })) {
        FFmpegError.throwIfError(context.setOption(name, value), `libopus option ${name}`);
      }
      FFmpegError.throwIfError(await context.open2(codec), 'open libopus');
      return new OpusEncoder(context);
    } catch (error) {
      context.freeContext();
      throw error;
    }
  }

  /** @param frame {@link FRAME_SAMPLES} of interleaved 16-bit stereo, stamped in 48 kHz ticks */
  async encode(frame: Frame): Promise<OpusPacket[]> {
    FFmpegError.throwIfError(await this.#context.sendFrame(frame), 'sendFrame');
    const packets: OpusPacket[] = [];
    for (;;) {
      const result = this.#context.receivePacketSync(this.#packet);
      if (result === AVERROR_EAGAIN) return packets;
      FFmpegError.throwIfError(result, 'receivePacket');
      const { data, pts } = this.#packet;
      // The packet's memory is libav's and used again: what is kept is copied.
      if (data !== null) packets.push({ pts, data: Buffer.from(data) });
      this.#packet.unref();
    }
  }

  /** Not during an encode; idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#packet.free();
    this.#context.freeContext();
  }
}
