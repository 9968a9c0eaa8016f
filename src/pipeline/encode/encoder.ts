import { FilterAPI, HardwareContext } from 'node-av/api';
import type { Frame} from 'node-av/lib';
import { Codec, CodecContext, FFmpegError, Packet, Rational } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
} from 'node-av/constants';
import { RTP_TICKS_PER_MS, type FrameId } from '../frame.ts';
import type { Picture } from '../picture.ts';
import { splitAnnexB } from '../rtp/annexb.ts';
import type { EncoderName, EncoderOptions } from './options.ts';
import { ENCODERS, type EncoderSettings } from './settings.ts';

/** One access unit. */
export interface EncodedFrame {
  readonly id: FrameId;
  /** NAL units without start codes; an IDR begins with its parameter sets. */
  readonly nals: readonly Buffer[];
  readonly idr: boolean;
}

export interface EncoderShape {
  /** Pixels; an odd last column or row is left out, because H.264 in 4:2:0 has even sizes. */
  readonly width: number;
  readonly height: number;
  readonly range: Picture['range'];
  /** Nominal frames a second. */
  readonly fps: number;
  /** Bits a second. */
  readonly bitrate: number;
}

/** An IDR only where it is asked for: libav's largest group of pictures. */
const NO_PERIODIC_IDR = 2 ** 30;
/** Above this many pixels, a frame is cut into slices that are encoded at the same time: 720p. */
const SLICE_PIXELS = 1280 * 720;
/** Seconds of bitrate that a burst may take from the buffer of the rate control. */
const VBV_SECONDS = 0.6;

/** One open H.264 encoder. Frames go in one after the other; each comes out before the next goes in. */
export class VideoEncoder {
  readonly name: EncoderName;
  readonly shape: EncoderShape;
  readonly #settings: EncoderSettings;
  readonly #options: EncoderOptions;
  readonly #packet = new Packet();
  readonly #ids = new Map<bigint, FrameId>();
  readonly #filter: FilterAPI | undefined;
  readonly #hardware: HardwareContext | undefined;
  #context: CodecContext | undefined;
  #bitrate: number;

  /**
   * The libav encoder is opened with the first frame, because hardware encoders take their memory from it.
   * @throws FFmpegError where the device that the encoder needs can't be opened
   */
  constructor(name: EncoderName, shape: EncoderShape, options: EncoderOptions) {
    this.name = name;
    this.shape = shape;
    this.#settings = ENCODERS[name];
    this.#options = options;
    this.#bitrate = shape.bitrate;
    this.#packet.alloc();
    if (this.#settings.device === 'vaapi') this.#hardware = HardwareContext.create(AV_HWDEVICE_TYPE_VAAPI) ?? undefined;
    if (this.#settings.upload !== undefined) {
      this.#filter = FilterAPI.create(this.#settings.upload, this.#hardware === undefined ? {} : { hardware: this.#hardware });
    }
  }

  /**
   * @param frame planar 4:2:0 of the encoder's size; only read, and not kept after the promise settles
   * @param idr make it an IDR frame
   * @returns usually this one frame; a hardware encoder may still hold it back
   * @throws FFmpegError
   */
  async encode(frame: Frame, id: FrameId, idr: boolean): Promise<EncodedFrame[]> {
    const pts = BigInt(Math.round(id.capturedAt * RTP_TICKS_PER_MS));
    this.#ids.set(pts, id);
    const { width, height } = frame;
    // Cropping costs nothing: planes are read row by row.
    frame.width = width & ~1;
    frame.height = height & ~1;
    try {
      const input = await this.#upload(frame);
      try {
        input.pts = pts;
        input.timeBase = new Rational(1, RTP_TICKS_PER_MS * 1000);
        input.pictType = idr ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        const context = (this.#context ??= await this.#open(input));
        FFmpegError.throwIfError(await context.sendFrame(input), 'sendFrame');
        return this.#receive(context);
      } finally {
        if (input !== frame) input.free();
      }
    } finally {
      frame.width = width;
      frame.height = height;
    }
  }

  /** Takes effect with the next frame; no IDR is needed. @param bitrate bits a second */
  setBitrate(bitrate: number): void {
    this.#bitrate = bitrate;
    if (this.#context !== undefined) this.#applyBitrate(this.#context);
  }

  /** Idempotent. */
  close(): void {
    this.#context?.freeContext();
    this.#context = undefined;
    this.#filter?.close();
    this.#hardware?.dispose();
    this.#packet.free();
  }

  async #upload(frame: Frame): Promise<Frame> {
    if (this.#filter === undefined) return frame;
    const [uploaded] = await this.#filter.processAll(frame);
    if (uploaded === undefined) throw new Error(`${this.name} took no frame into its memory`);
    return uploaded;
  }

  async #open(input: Frame): Promise<CodecContext> {
    const codec = Codec.findEncoderByName(this.#settings.codec);
    if (codec === null) throw new Error(`libav has no encoder ${this.#settings.codec}`);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = input.width;
    context.height = input.height;
    context.pixelFormat = this.#filter === undefined ? AV_PIX_FMT_YUV420P : (input.format as typeof context.pixelFormat);
    if (input.hwFramesCtx !== null) context.hwFramesCtx = input.hwFramesCtx;
    context.timeBase = new Rational(1, RTP_TICKS_PER_MS * 1000);
    context.framerate = new Rational(Math.max(1, Math.round(this.shape.fps * 1000)), 1000);
    context.gopSize = NO_PERIODIC_IDR;
    context.maxBFrames = 0;
    context.colorRange = this.shape.range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context.colorSpace = input.colorSpace;
    context.colorPrimaries = input.colorPrimaries;
    context.colorTrc = input.colorTrc;
    context.threadCount = input.width * input.height > SLICE_PIXELS ? 2 : 1;
    this.#applyBitrate(context);
    try {
      for (const [name, value] of Object.entries(this.#settings.options(this.#options))) {
        FFmpegError.throwIfError(context.setOption(name, value), `${this.name} option ${name}`);
      }
      FFmpegError.throwIfError(await context.open2(codec), `open ${this.name}`);
      return context;
    } catch (error) {
      context.freeContext();
      throw error;
    }
  }

  /** libav hands changes of these fields on to a running x264, NVENC and QSV encoder. */
  #applyBitrate(context: CodecContext): void {
    const seconds = this.#options.oneFrameVbv ? 1 / this.shape.fps : VBV_SECONDS;
    context.bitRate = BigInt(this.#bitrate);
    context.rcMaxRate = BigInt(this.#bitrate);
    context.rcBufferSize = Math.max(1000, Math.round(this.#bitrate * seconds));
  }

  #receive(context: CodecContext): EncodedFrame[] {
    const frames: EncodedFrame[] = [];
    for (;;) {
      const result = context.receivePacketSync(this.#packet);
      if (result === AVERROR_EAGAIN) return frames;
      FFmpegError.throwIfError(result, 'receivePacket');
      const id = this.#ids.get(this.#packet.pts);
      const data = this.#packet.data;
      // The packet's memory is libav's and used again: what is kept is copied.
      if (id !== undefined && data !== null) frames.push({ id, nals: splitAnnexB(Buffer.from(data)), idr: this.#packet.isKeyframe });
      this.#ids.delete(this.#packet.pts);
      this.#packet.unref();
    }
  }
}
