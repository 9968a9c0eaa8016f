import type { Frame } from 'node-av/lib';
import type { Logger } from 'pino';
import { now, WALL_CLOCK, type Clock } from '../../util/clock.ts';
import type { FrameId } from '../frame.ts';
import type { RenditionStats } from '../ipc/stats.ts';
import { sizeOf, type AccessUnit } from '../media/access-unit.ts';
import type { Problem, RenditionSpec } from '../media/info.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import type { PassthroughSource } from '../passthrough/passthrough-source.ts';
import { PassthroughSwitch } from '../passthrough/passthrough-switch.ts';
import type { Picture } from '../picture.ts';
import type { Sink } from '../sinks/sink.ts';
import { workingEncoders } from './chain.ts';
import { EncodeQueue } from './encode-queue.ts';
import { VideoEncoder, type EncodedFrame, type EncoderShape } from './encoder.ts';
import { defaultBitrate } from './encoders.ts';
import { IdrClock } from './idr-clock.ts';
import { KeyframeBudget } from './keyframe-budget.ts';
import type { ActiveEncoder, EncoderOptions } from './options.ts';
import { PresetControl } from './preset-control.ts';
import { ENCODER_OF_CODEC } from './software-encoders.ts';

/** A rate that differs by this factor needs an encoder opened for it: rate control counts in frames. */
const FPS_TOLERANCE = 1.25;

export interface RenditionOptions {
  readonly spec: RenditionSpec;
  readonly options: EncoderOptions;
  /**
   * Encoders that are known to work here, in order of preference; left out, those of the options' chain are tried first for H.264, and
   * other codecs have their one software encoder.
   */
  readonly encoders?: readonly ActiveEncoder[];
  /** Nominal frames a second. */
  readonly fps: () => number;
  readonly logger: Logger;
  readonly clock?: Pick<Clock, 'now'>;
  /** Left out, it follows from the options and this machine. */
  readonly presets?: PresetControl;
}

/** A frame to be encoded, or the source's own units for it. */
type Job = { readonly id: FrameId } & ({ readonly frame: Frame; readonly range: Picture['range'] } | { readonly units: readonly AccessUnit[] });

interface Waiting {
  readonly job: Job;
  /** Settles what was returned for it. */
  readonly settle: (outcome?: Promise<void>) => void;
}

/**
 * One rendition: an encoder, or the source's own pictures, gives access units to any number of sinks. While a frame is being encoded,
 * others wait; those for which the encoder is too slow are dropped and counted, so that delay never grows (`EncodeQueue`). What needs no
 * encoder is never dropped, because what comes after refers to it.
 */
export class Rendition {
  readonly spec: RenditionSpec;
  readonly #options: RenditionOptions;
  readonly #idr: IdrClock;
  readonly #queue = new EncodeQueue<Waiting>(({ job }) => 'frame' in job);
  readonly #switch: PassthroughSwitch;
  readonly #sinks = new Set<Sink<AccessUnit>>();
  readonly #presets: PresetControl;
  #chain: Promise<readonly ActiveEncoder[]>;
  #encoder: VideoEncoder | undefined;
  #working: Promise<void> | undefined;
  #fallback: Problem | undefined;
  /** Whether the source's own pictures are offered to it. */
  #mayForward = false;
  #counters = { frames: 0, idrs: 0, dropped: 0 };
  #bytes = 0;
  #bytesBefore = { bytes: 0, at: now() };
  #closed = false;

  constructor(options: RenditionOptions) {
    this.#options = options;
    this.spec = options.spec;
    // Key frames on request are made by either, and count for both.
    const budget = new KeyframeBudget();
    this.#switch = new PassthroughSwitch(options.spec.codec, budget);
    this.#idr = new IdrClock(options.options.idrIntervalMs, budget);
    this.#presets = options.presets ?? new PresetControl(options.options.preset);
    this.#chain = options.encoders === undefined ? chainOf(options.spec.codec, options) : Promise.resolve(options.encoders);
  }

  /** A sink takes part, beginning with the next key frame, which is asked for; of the first sink it is the next frame. */
  add(sink: Sink<AccessUnit>): void {
    const first = this.#sinks.size === 0;
    this.#sinks.add(sink);
    if (!first) return this.requestKeyframe();
    this.#idr.reset();
    this.#switch.restart();
  }

  /** The sink takes no more units; it is closed by its owner. */
  remove(sink: Sink<AccessUnit>): void {
    this.#sinks.delete(sink);
  }

  /** Whether any sink takes its units. */
  get used(): boolean {
    return this.#sinks.size > 0;
  }

  /** Whether its next frame has to be encoded, as far as is known from the one before. */
  get encodes(): boolean {
    return !this.#mayForward || this.#switch.reason !== undefined;
  }

  /**
   * Resolves when the frame has been encoded or dropped; until then it is read and must not change. It is not kept any longer.
   * @throws Error where no encoder of the chain takes it
   */
  push(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    return this.#enqueue({ id, frame, range });
  }

  /**
   * Passes a frame on as the source has it, where that can be done.
   * @param source what the frame was coded as
   * @returns resolves when it has been passed on; undefined where the frame has to be encoded: it is to be pushed then, before the next one
   */
  forward(id: FrameId, source: PassthroughSource): Promise<void> | undefined {
    this.#mayForward = true;
    const units = this.#switch.decide(id, source);
    if (units === undefined) return undefined;
    return this.#enqueue({ id, units });
  }

  requestKeyframe(): void {
    this.#idr.request();
    this.#switch.requestKeyframe();
  }

  /** Its `bitrate` is that since the last call. */
  stats(): RenditionStats {
    const at = now();
    const seconds = Math.max(0.001, (at - this.#bytesBefore.at) / 1000);
    const bitrate = Math.round(((this.#bytes - this.#bytesBefore.bytes) * 8) / seconds);
    this.#bytesBefore = { bytes: this.#bytes, at };
    const encoded = this.#mayForward ? this.#switch.reason : undefined;
    return {
      ...this.spec,
      forwarded: this.#mayForward && encoded === undefined,
      ...(encoded === undefined ? {} : { encoded }),
      ...(this.#encoder === undefined ? {} : { encoder: this.#encoder.name }),
      ...(this.#encoder?.preset === undefined ? {} : { preset: this.#encoder.preset }),
      ...(this.#fallback === undefined ? {} : { fallback: this.#fallback }),
      bitrate,
      ...this.#counters,
    };
  }

  /** Waits for the frame that is being encoded; idempotent. Its sinks are closed by their owner. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#queue.clear()) settle();
    // It has told its caller how it ended.
    await Promise.allSettled([this.#working]);
    this.#sinks.clear();
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  #enqueue(job: Job): Promise<void> {
    if (this.#closed || !this.used) return Promise.resolve();
    const { clock = WALL_CLOCK } = this.#options;
    return new Promise((settle) => {
      for (const late of this.#queue.put({ job, settle }, job.id.capturedAt, clock.now())) {
        this.#counters.dropped += 1;
        this.#presets.dropped();
        late.settle();
      }
      this.#work();
    });
  }

  #work(): void {
    if (this.#working !== undefined) return;
    const next = this.#queue.take();
    if (next === undefined) return;
    const { job } = next;
    this.#working = ('frame' in job ? this.#encodeFrame(job) : this.#passOn(job)).finally(() => {
      this.#working = undefined;
      this.#work();
    });
    next.settle(this.#working);
  }

  async #encodeFrame({ id, frame, range }: Extract<Job, { frame: Frame }>): Promise<void> {
    for (const unit of await this.#encode(id, frame, range)) this.#give(unit);
  }

  async #passOn({ units }: Extract<Job, { units: readonly AccessUnit[] }>): Promise<void> {
    // Receivers see what the encoder has not made: its next frame is a key frame.
    this.#dropEncoder();
    for (const unit of units) this.#give(unit);
  }

  #give(unit: AccessUnit): void {
    if (unit.key) {
      this.#idr.made(unit.capturedAt);
      this.#counters.idrs += 1;
    }
    this.#counters.frames += 1;
    this.#bytes += sizeOf(unit);
    for (const sink of this.#sinks) sink.write(unit);
  }

  async #encode(id: FrameId, frame: Frame, range: Picture['range']): Promise<EncodedFrame[]> {
    const { clock = WALL_CLOCK } = this.#options;
    try {
      const encoder = await this.#encoderFor(frame, range, id.capturedAt);
      const idr = this.#idr.due(id.capturedAt);
      if (idr) this.#idr.ordered(id.capturedAt);
      const startedAt = clock.now();
      const encoded = await encoder.encode(frame, id, idr);
      this.#presets.encoded(clock.now() - startedAt);
      return encoded;
    } catch (error) {
      this.#dropEncoder();
      const [failed, ...rest] = await this.#chain;
      const [next] = rest;
      if (failed === undefined || next === undefined) throw error;
      this.#chain = Promise.resolve(rest);
      const message = `${failed} failed and was replaced by ${next}.`;
      this.#fallback = { code: 'encoder-fallback', message };
      this.#options.logger.warn({ err: error, encoder: failed, next }, message);
      return this.#encode(id, frame, range);
    }
  }

  async #encoderFor(frame: Frame, range: Picture['range'], capturedAt: number): Promise<VideoEncoder> {
    const { width, height } = frame;
    const fps = this.#options.fps();
    const { clock = WALL_CLOCK } = this.#options;
    const [name] = await this.#chain;
    const open = this.#encoder;
    const preset = name === 'x264' ? this.#presets.choose({ width, height, fps, idrDue: this.#idr.due(capturedAt) }, open?.preset, clock.now()) : undefined;
    if (open !== undefined && open.preset === preset && fits(open.shape, { width, height, range, fps })) return open;
    this.#dropEncoder();
    if (name === undefined) throw new Error('No encoder of the chain works here; add x264, which always does.');
    const { options, logger } = this.#options;
    const shape: EncoderShape = { width, height, range, fps, bitrate: options.bitrate ?? defaultBitrate(width, height, fps) };
    this.#encoder = new VideoEncoder(name, shape, options, preset);
    logger.info({ encoder: name, preset, ...shape }, 'encoding');
    return this.#encoder;
  }

  #dropEncoder(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#idr.reset();
  }
}

function chainOf(codec: VideoCodec, { options, logger }: RenditionOptions): Promise<readonly ActiveEncoder[]> {
  return codec === 'H264' ? workingEncoders(options.chain, logger) : Promise.resolve([ENCODER_OF_CODEC[codec]]);
}

function fits(shape: EncoderShape, { width, height, range, fps }: Omit<EncoderShape, 'bitrate'>): boolean {
  const ratio = fps / shape.fps;
  return shape.width === width && shape.height === height && shape.range === range && ratio < FPS_TOLERANCE && ratio > 1 / FPS_TOLERANCE;
}
