import { availableParallelism } from 'node:os';
import { Codec, CodecContext, Dictionary, FFmpegError, Frame, type Packet, type Stream } from 'node-av/lib';
import { AVERROR_EAGAIN, AV_CODEC_FLAG_OUTPUT_CORRUPT, AV_FRAME_FLAG_CORRUPT, AV_NOPTS_VALUE, FF_THREAD_SLICE } from 'node-av/constants';
import { MAX_PIXELS } from './limits.ts';

/** Above this many pixels one core may not decode in real time: full HD. */
const MANY_PIXELS = 1920 * 1088;

/** Whether parts of a frame are missing, or were made up. */
export function isDamaged({ decodeErrorFlags, flags }: Frame): boolean {
  return decodeErrorFlags !== 0 || (flags & AV_FRAME_FLAG_CORRUPT) !== 0;
}

/** libav's decoder of one video. Damaged frames are given too, and say so ({@link isDamaged}). Calls come one after the other; none overlaps `close`. */
export class PictureDecoder {
  readonly #context: CodecContext;
  readonly #timeBase: Stream['timeBase'];
  readonly #stepTicks: bigint;
  /** Whether the calling thread never waits in libav for a picture that another thread decodes. */
  readonly #sync: boolean;
  #lastPts = AV_NOPTS_VALUE;
  #closed = false;

  private constructor(context: CodecContext, { timeBase }: Stream, fps: number) {
    this.#context = context;
    this.#timeBase = timeBase;
    this.#stepTicks = BigInt(Math.max(1, Math.round(timeBase.den / (timeBase.num * fps))));
    this.#sync = context.threadCount === 1;
  }

  /**
   * @param fps for pictures without any time
   * @param lowDelay no thread works ahead
   * @throws FFmpegError
   */
  static async open(stream: Stream, fps: number, lowDelay: boolean): Promise<PictureDecoder> {
    const { codecpar } = stream;
    const codec = Codec.findDecoder(codecpar.codecId);
    if (codec === null) throw new Error('libav has no decoder for it');
    const context = new CodecContext();
    context.allocContext3(codec);
    try {
      FFmpegError.throwIfError(context.parametersToContext(codecpar), 'parametersToContext');
      context.pktTimebase = stream.timeBase;
      context.threadCount = codecpar.width * codecpar.height > MANY_PIXELS ? availableParallelism() : 1;
      if (lowDelay) context.threadType = FF_THREAD_SLICE;
      context.setFlags(AV_CODEC_FLAG_OUTPUT_CORRUPT);
      using options = Dictionary.fromObject({ max_pixels: String(MAX_PIXELS) });
      FFmpegError.throwIfError(await context.open2(codec, options), 'open2');
      return new PictureDecoder(context, stream, fps);
    } catch (error) {
      context.freeContext();
      throw error;
    }
  }

  /**
   * @param packet stays the caller's; null: nothing follows, and what the decoder still holds is wanted
   * @returns the frames that are ready, in presentation order; the caller frees them
   */
  async decode(packet: Packet | null): Promise<Frame[]> {
    if (packet?.size === 0) return [];
    const frames: Frame[] = [];
    // What it can't decode it says here or of the next packet; either way the following ones may be whole.
    if ((await this.#context.sendPacket(packet)) === AVERROR_EAGAIN) {
      await this.#receive(frames);
      await this.#context.sendPacket(packet);
    }
    await this.#receive(frames);
    return frames;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#context.freeContext();
  }

  async #receive(frames: Frame[]): Promise<void> {
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      const result = this.#sync ? this.#context.receiveFrameSync(frame) : await this.#context.receiveFrame(frame);
      if (result < 0) {
        frame.free();
        return;
      }
      frame.timeBase = this.#timeBase;
      if (frame.bestEffortTimestamp !== AV_NOPTS_VALUE) frame.pts = frame.bestEffortTimestamp;
      else frame.pts = this.#lastPts === AV_NOPTS_VALUE ? 0n : this.#lastPts + this.#stepTicks;
      this.#lastPts = frame.pts;
      frames.push(frame);
    }
  }
}
