import type { FilterAPI, HardwareContext } from 'node-av/api';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import {
  AVERROR_EAGAIN,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
} from 'node-av/constants';
import { RTP_TICKS_PER_MS, type FrameId } from '../frame.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { Picture } from '../picture.ts';
import type { EncoderSettings } from './encoder-settings.ts';
import { ENCODERS, threadsFor } from './encoders.ts';
import type { ActiveEncoder, EncoderOptions, X264Preset } from './options.ts';
import { codecOf } from './software-encoders.ts';

/** The unit of one frame. */
export interface EncodedFrame extends AccessUnit {
  readonly id: FrameId;
}

export interface EncoderShape {
  /** Pixels; of H.264 an odd last column or row is left out, which in 4:2:0 has even sizes. */
  readonly width: number;
  readonly height: number;
  readonly range: Picture['range'];
  /** Nominal frames a second. */
  readonly fps: number;
  /** Bits a second. */
  readonly bitrate: number;
}

/** x264's preset where the options leave it open and none is chosen. */
const USUAL_PRESET: X264Preset = 'superfast';

/** Ticks of the encoder's clock in a second: those of RTP, so that no timestamp is rounded. */
const TICKS = RTP_TICKS_PER_MS * 1000;
/** Pixels up to which video without a colour matrix is taken to be SD, as players do. */
const SD_PIXELS = 1024 * 576;
/** Seconds of bitrate that a burst may take from the buffer of the rate control. */
export const VBV_SECONDS = 0.6;
/** Frames that an encoder may hold back; with its settings for low delay it holds none. */
const MAX_HELD = 16;

/**
 * One open encoder. Frames go in one after the other: a codec context takes no two calls at a time, and must not be closed
 * during one.
 */
export class VideoEncoder {
  readonly name: ActiveEncoder;
  readonly shape: EncoderShape;
  /** Of x264 alone. */
  readonly preset: X264Preset | undefined;
  readonly #settings: EncoderSettings;
  readonly #options: EncoderOptions;
  readonly #packet = new Packet();
  readonly #view = new Frame();
  readonly #ids = new Map<bigint, FrameId>();
  #filter: FilterAPI | undefined;
  #hardware: HardwareContext | undefined;
  #context: CodecContext | undefined;
  #bitrate: number;
  #appliedBitrate = 0;
  #closed = false;

  /**
   * The libav encoder and its device are opened with the first frame, because hardware encoders take their memory from it.
   * @param preset of x264; left out, that of the options
   */
  constructor(name: ActiveEncoder, shape: EncoderShape, options: EncoderOptions, preset?: X264Preset) {
    this.name = name;
    this.shape = shape;
    this.preset = name === 'x264' ? (preset ?? (options.preset === 'auto' ? USUAL_PRESET : options.preset)) : undefined;
    this.#settings = ENCODERS[name];
    this.#options = options;
    this.#bitrate = shape.bitrate;
    this.#packet.alloc();
    this.#view.alloc();
  }

  /**
   * @param frame planar 4:2:0 of the encoder's size; only read, and not kept after the promise settles
   * @param key make it a key frame
   * @returns usually this one frame; a hardware encoder may still hold it back
   * @throws Error where the encoder fails, or takes frames without giving any
   */
  async encode(frame: Frame, id: FrameId, key: boolean): Promise<EncodedFrame[]> {
    const pts = BigInt(Math.round(id.capturedAt * RTP_TICKS_PER_MS));
    this.#ids.set(pts, id);
    if (this.#ids.size > MAX_HELD) throw new Error(`${this.name} took ${MAX_HELD} frames and gave none`);
    // What the encoder needs to know is written on a second reference to the picture: others may be reading the frame.
    const view = this.#view;
    FFmpegError.throwIfError(view.ref(frame), 'ref');
    try {
      // Cropping costs nothing: planes are read row by row.
      if (this.#settings.oddSizes !== true) {
        view.width = frame.width & ~1;
        view.height = frame.height & ~1;
      }
      view.timeBase = new Rational(1, TICKS);
      const input = await this.#upload(view);
      try {
        input.pts = pts;
        input.timeBase = new Rational(1, TICKS);
        input.pictType = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
        const context = await this.#contextFor(input);
        FFmpegError.throwIfError(await context.sendFrame(input), 'sendFrame');
        return this.#receive(context);
      } finally {
        if (input !== view) input.free();
      }
    } finally {
      view.unref();
    }
  }

  /** Takes effect with the next frame; whether that costs a key frame is up to the encoder (x264: none). @param bitrate bits a second */
  setBitrate(bitrate: number): void {
    this.#bitrate = bitrate;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeContext();
    this.#filter?.close();
    this.#hardware?.dispose();
    this.#view.free();
    this.#packet.free();
  }

  async #upload(frame: Frame): Promise<Frame> {
    if (this.#settings.upload === undefined) return frame;
    this.#filter ??= await this.#openDevice(this.#settings.upload);
    const [uploaded] = await this.#filter.processAll(frame);
    if (uploaded === undefined) throw new Error(`${this.name} took no frame into its memory`);
    return uploaded;
  }

  /** @throws Error where the device that the encoder needs can't be opened */
  async #openDevice(upload: string): Promise<FilterAPI> {
    const api = await import('node-av/api');
    if (this.#settings.device === 'vaapi') {
      const hardware = api.HardwareContext.create(AV_HWDEVICE_TYPE_VAAPI);
      if (hardware === null) throw new Error('No VAAPI device can be opened');
      this.#hardware = hardware;
    }
    return api.FilterAPI.create(upload, this.#hardware === undefined ? {} : { hardware: this.#hardware });
  }

  async #contextFor(input: Frame): Promise<CodecContext> {
    if (this.#context !== undefined && this.#appliedBitrate !== this.#bitrate) {
      if (this.#settings.followsBitrate) {
        this.#applyBitrate(this.#context);
      } else {
        this.#closeContext();
      }
    }
    return (this.#context ??= await this.#open(input));
  }

  async #open(input: Frame): Promise<CodecContext> {
    const codec = Codec.findEncoderByName(this.#settings.codec);
    if (codec === null) throw new Error(`libav has no encoder ${this.#settings.codec}`);
    for (const [name, value] of Object.entries(this.#settings.environment ?? {})) process.env[name] ??= value;
    const context = new CodecContext();
    context.allocContext3(codec);
    context.width = input.width;
    context.height = input.height;
    context.pixelFormat = this.#filter === undefined ? AV_PIX_FMT_YUV420P : (input.format as typeof context.pixelFormat);
    if (input.hwFramesCtx !== null) context.hwFramesCtx = input.hwFramesCtx;
    context.timeBase = new Rational(1, TICKS);
    context.framerate = new Rational(Math.max(1, Math.round(this.shape.fps * 1000)), 1000);
    context.gopSize = this.#settings.longestGop;
    context.maxBFrames = 0;
    context.colorRange = this.shape.range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    context.colorSpace = input.colorSpace === AVCOL_SPC_UNSPECIFIED ? usualMatrix(input) : input.colorSpace;
    context.colorPrimaries = input.colorPrimaries;
    context.colorTrc = input.colorTrc;
    context.threadCount = this.#settings.oneThread === true ? 1 : threadsFor(input.width * input.height);
    this.#applyBitrate(context);
    try {
      for (const [name, value] of Object.entries(this.#settings.options(this.#options, context.threadCount, this.preset ?? USUAL_PRESET))) {
        FFmpegError.throwIfError(context.setOption(name, value), `${this.name} option ${name}`);
      }
      FFmpegError.throwIfError(await context.open2(codec), `open ${this.name}`);
      return context;
    } catch (error) {
      context.freeContext();
      throw error;
    }
  }

  #closeContext(): void {
    const context = this.#context;
    this.#context = undefined;
    if (context === undefined) return;
    // What it still held would be too late.
    if (this.#settings.wantsEnd === true && context.sendFrameSync(null) === 0) {
      while (context.receivePacketSync(this.#packet) === 0) this.#packet.unref();
    }
    context.freeContext();
  }

  /** Fields of an open context that libav compares with what it told the encoder, before each frame. */
  #applyBitrate(context: CodecContext): void {
    const seconds = this.#options.oneFrameVbv ? 1 / this.shape.fps : VBV_SECONDS;
    context.bitRate = BigInt(this.#bitrate);
    context.rcMaxRate = BigInt(this.#bitrate);
    if (this.#settings.constantRate === true) context.rcMinRate = BigInt(this.#bitrate);
    context.rcBufferSize = Math.max(1000, Math.round(this.#bitrate * seconds));
    this.#appliedBitrate = this.#bitrate;
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
      if (id !== undefined && data !== null) frames.push({ codec: codecOf(this.name), id, rtp: id.rtp, capturedAt: id.capturedAt, parts: this.#settings.split(Buffer.from(data)), key: this.#packet.isKeyframe });
      this.#ids.delete(this.#packet.pts);
      this.#packet.unref();
    }
  }
}

function usualMatrix({ width, height }: Frame): typeof AVCOL_SPC_BT709 | typeof AVCOL_SPC_SMPTE170M {
  return width * height > SD_PIXELS ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}
