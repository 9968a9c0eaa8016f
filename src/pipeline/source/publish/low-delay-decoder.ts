import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVERROR_INVALIDDATA,
  AV_CODEC_FLAG_LOW_DELAY,
  FF_DECODER_H264,
  FF_DECODER_LIBDAV1D,
  FF_DECODER_LIBVPX_VP9,
  FF_DECODER_VP8,
  FF_THREAD_SLICE,
} from 'node-av/constants';
import { RTP_TICKS_PER_MS } from '../../frame.ts';
import { vp9Frames, vp9Pixels, vp9Superframe } from '../../rtp/depacketize/vp9-frames.ts';
import type { VideoCodec } from '../../media/video-codec.ts';
import { MAX_PIXELS } from '../limits.ts';
import { SourceError } from '../source.ts';

/**
 * libvpx for VP9: of a picture's spatial layers it gives the largest alone. libav's own decoder gives each of them as a picture, and takes 2.6 times as long for three of
 * them; of pictures without layers, 0.8 times.
 */
const DECODERS: Readonly<Record<VideoCodec, Parameters<typeof Codec.findDecoderByName>[0]>> = {
  VP8: FF_DECODER_VP8,
  VP9: FF_DECODER_LIBVPX_VP9,
  H264: FF_DECODER_H264,
  AV1: FF_DECODER_LIBDAV1D,
};

/** Threads that share the slices or tiles of one frame; frames are not decoded side by side, since that holds them back. */
const THREADS = 2;
const TIME_BASE = new Rational(1, RTP_TICKS_PER_MS * 1000);

/** A libav decoder that gives each frame as soon as it has it. Calls come one after the other; none overlaps `close`. */
export class LowDelayDecoder {
  readonly #codec: VideoCodec;
  readonly #context: CodecContext;
  readonly #packet = new Packet();

  private constructor(codec: VideoCodec, context: CodecContext) {
    this.#codec = codec;
    this.#context = context;
    this.#packet.alloc();
  }

  /** @throws SourceError `source-unsupported` */
  static async open(codec: VideoCodec): Promise<LowDelayDecoder> {
    const decoder = Codec.findDecoderByName(DECODERS[codec]);
    if (decoder === null) throw new SourceError('source-unsupported', `There is no decoder for ${codec} here.`);
    const context = new CodecContext();
    context.allocContext3(decoder);
    context.pktTimebase = TIME_BASE;
    context.threadCount = THREADS;
    context.threadType = FF_THREAD_SLICE;
    context.setFlags(AV_CODEC_FLAG_LOW_DELAY);
    try {
      FFmpegError.throwIfError(context.setOption('max_pixels', String(MAX_PIXELS)), 'max_pixels');
      FFmpegError.throwIfError(await context.open2(decoder), `open ${codec}`);
    } catch (cause) {
      context.freeContext();
      throw new SourceError('source-unsupported', `The decoder for ${codec} can’t be opened here.`, { cause });
    }
    return new LowDelayDecoder(codec, context);
  }

  /**
   * @param pts of the frame: 90 kHz ticks
   * @returns the frames that are ready, usually this one; the caller frees them
   * @throws FFmpegError where the data can't be decoded
   */
  async decode(data: Buffer, pts: number): Promise<Frame[]> {
    const packet = this.#packet;
    packet.data = this.#codec === 'VP9' ? contained(data) : data;
    packet.pts = packet.dts = BigInt(pts);
    packet.timeBase = TIME_BASE;
    try {
      FFmpegError.throwIfError(await this.#context.sendPacket(packet), 'sendPacket');
    } finally {
      packet.unref();
    }
    return this.#receive();
  }

  /** Forgets what came before; the next frame is a key frame. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    this.#context.freeContext();
    this.#packet.free();
  }

  async #receive(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      const result = await this.#context.receiveFrame(frame);
      if (result < 0) {
        frame.free();
        if (result === AVERROR_EAGAIN) return frames;
        for (const one of frames) one.free();
        FFmpegError.throwIfError(result, 'receiveFrame');
      }
      frame.timeBase = TIME_BASE;
      frames.push(frame);
    }
  }
}

/** libvpx takes memory for whatever size a frame says it has, before libav’s limit is asked. @throws FFmpegError */
function contained(data: Buffer): Buffer {
  const frames = vp9Frames(data);
  if (frames.some((frame) => frame.length > 0 && vp9Pixels(frame) > MAX_PIXELS)) FFmpegError.throwIfError(AVERROR_INVALIDDATA, 'VP9 frame size');
  return vp9Superframe(frames);
}
