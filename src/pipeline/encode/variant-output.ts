import type { Frame } from 'node-av/lib';
import type { Logger } from 'pino';
import { now, WALL_CLOCK, type Clock } from '../../util/clock.ts';
import type { FrameId, MediaTime } from '../frame.ts';
import type { OutputStats } from '../ipc/stats.ts';
import type { Problem, Variant } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import type { Coded, CodedPicture } from '../passthrough/coded.ts';
import { PassthroughSwitch, type TimedUnit } from '../passthrough/passthrough-switch.ts';
import { RtpSender } from '../rtp/sender.ts';
import type { RtpTarget } from '../rtp/target.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import { workingEncoders } from './chain.ts';
import { EncodeQueue } from './encode-queue.ts';
import { VideoEncoder, type EncodedFrame, type EncoderShape } from './encoder.ts';
import { IdrClock } from './idr-clock.ts';
import type { ActiveEncoder, EncoderOptions } from './options.ts';
import { defaultBitrate } from './encoders.ts';
import { ENCODER_OF_CODEC } from './software-encoders.ts';

/** A rate that differs by this factor needs an encoder opened for it: rate control counts in frames. */
const FPS_TOLERANCE = 1.25;

export interface VariantOutputOptions {
  readonly stream: string;
  readonly variant: Variant;
  /** Of what is sent, for as long as there is this output; left out, it is H.264. */
  readonly codec?: VideoCodec;
  readonly options: EncoderOptions;
  /**
   * Encoders that are known to work here, in order of preference; left out, those of the options' chain are tried first for H.264, and
   * other codecs have their one software encoder.
   */
  readonly encoders?: readonly ActiveEncoder[];
  /** Nominal frames a second. */
  readonly fps: () => number;
  readonly logger: Logger;
  /** The last packet of a frame has been handed to the socket; `sentAt` in milliseconds since the epoch. */
  readonly onSent: (id: FrameId, sentAt: number) => void;
  readonly clock?: Pick<Clock, 'now'>;
}

/** A frame to be encoded, or what it was decoded from. */
type Job = { readonly id: FrameId } & ({ readonly frame: Frame; readonly range: Picture['range'] } | { readonly units: readonly TimedUnit[] });

interface Waiting {
  readonly job: Job;
  /** Settles what was returned for it. */
  readonly settle: (outcome?: Promise<void>) => void;
}

/**
 * One variant on its way out: one encoder, one RTP sender. While a frame is being encoded, others wait; those for which the encoder is
 * too slow are dropped and counted, so that delay never grows (`EncodeQueue`). What needs no encoder is never dropped, since what comes
 * after refers to it.
 */
export class VariantOutput {
  readonly #options: VariantOutputOptions;
  readonly #codec: VideoCodec;
  readonly #idr: IdrClock;
  readonly #queue = new EncodeQueue<Waiting>(({ job }) => 'frame' in job);
  readonly #switch: PassthroughSwitch;
  #chain: Promise<readonly ActiveEncoder[]>;
  #encoder: VideoEncoder | undefined;
  #sender: RtpSender | undefined;
  #starting: Promise<void> = Promise.resolve();
  #working: Promise<void> | undefined;
  #fallback: Problem | undefined;
  #bitrate: number | undefined;
  /** Whether frames are told of that might be. */
  #mayForward = false;
  #counters = { frames: 0, idrs: 0, dropped: 0 };
  #octetsBefore = { octets: 0, at: now() };
  #closed = false;

  constructor(options: VariantOutputOptions) {
    this.#options = options;
    this.#codec = options.codec ?? 'H264';
    this.#switch = new PassthroughSwitch(this.#codec);
    this.#idr = new IdrClock(options.options.idrIntervalMs);
    this.#bitrate = options.options.bitrate;
    this.#chain = options.encoders === undefined ? chainOf(this.#codec, options) : Promise.resolve(options.encoders);
  }

  /**
   * Sends to this target from now on, beginning with an IDR frame. Frames that come before are left out.
   * @throws Error where the socket can't be bound
   */
  start(target: RtpTarget, firstSequence: number): Promise<void> {
    const start = (): Promise<void> => this.#start(target, firstSequence);
    this.#starting = this.#starting.then(start, start);
    return this.#starting;
  }

  /**
   * Resolves when the frame has been sent or dropped; until then it is read and must not change. It is not kept any longer.
   * @throws Error where no encoder of the chain takes it
   */
  push(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    return this.#enqueue({ id, frame, range });
  }

  /**
   * Sends a frame as the source has it, where that can be done.
   * @param coded what it was decoded from
   * @returns resolves when it has been sent; undefined where the frame has to be encoded: it is to be pushed then, before the next one
   */
  forward(id: FrameId, coded: Coded): Promise<void> | undefined {
    this.#mayForward = true;
    const units = this.#switch.decide(id, coded);
    if (units === undefined) return undefined;
    return this.#enqueue({ id, units });
  }

  requestKeyframe(): void {
    this.#idr.request();
    this.#switch.requestKeyframe();
  }

  /** Takes effect with the next frame. @param bitrate bits a second */
  setBitrate(bitrate: number): void {
    this.#bitrate = bitrate;
    this.#encoder?.setBitrate(bitrate);
  }

  /** Its `bitrate` is that since the last call. */
  stats(): OutputStats {
    const at = now();
    const octets = this.#sender?.octets ?? 0;
    const seconds = Math.max(0.001, (at - this.#octetsBefore.at) / 1000);
    const bitrate = Math.max(0, Math.round(((octets - this.#octetsBefore.octets) * 8) / seconds));
    this.#octetsBefore = { octets, at };
    const encoded = this.#mayForward ? this.#switch.reason : undefined;
    return {
      forwarded: this.#mayForward && encoded === undefined,
      ...(encoded === undefined ? {} : { encoded }),
      ...(this.#encoder === undefined ? {} : { encoder: this.#encoder.name }),
      ...(this.#fallback === undefined ? {} : { fallback: this.#fallback }),
      bitrate,
      ...this.#counters,
      sequence: this.#sender?.sequence ?? 0,
    };
  }

  /** Waits for the frame that is being encoded; idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settle } of this.#queue.clear()) settle();
    // Both have told their callers how they ended.
    await Promise.allSettled([this.#starting, this.#working]);
    this.#sender?.close();
    this.#sender = undefined;
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  async #start(target: RtpTarget, firstSequence: number): Promise<void> {
    const { stream, variant, logger } = this.#options;
    // The new sender may be bound to the port of the old one.
    this.#sender?.close();
    this.#sender = undefined;
    if (this.#closed) return;
    const sender = await RtpSender.create({
      media: this.#codec,
      target,
      firstSequence,
      cname: `${stream}/${variant}`,
      logger,
      onKeyframeRequest: () => this.requestKeyframe(),
    });
    this.#sender = sender;
    this.#octetsBefore = { octets: 0, at: now() };
    this.#idr.reset();
    this.#switch.restart();
  }

  #enqueue(job: Job): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const { clock = WALL_CLOCK } = this.#options;
    return new Promise((settle) => {
      for (const late of this.#queue.put({ job, settle }, job.id.capturedAt, clock.now())) {
        this.#counters.dropped += 1;
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
    this.#working = ('frame' in job ? this.#encodeAndSend(job) : this.#sendUnits(job)).finally(() => {
      this.#working = undefined;
      this.#work();
    });
    next.settle(this.#working);
  }

  async #encodeAndSend({ id, frame, range }: Extract<Job, { frame: Frame }>): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined) return;
    for (const encoded of await this.#encode(id, frame, range)) {
      // The variant has moved meanwhile: its new receiver begins with a key frame, and the old one is gone.
      if (this.#sender !== sender) return;
      await this.#send(sender, encoded.id, encoded);
      this.#options.onSent(encoded.id, now());
    }
  }

  async #sendUnits({ id, units }: Extract<Job, { units: readonly TimedUnit[] }>): Promise<void> {
    // Receivers see what it has not made: the next one begins with a key frame.
    this.#dropEncoder();
    const sender = this.#sender;
    if (sender === undefined) return;
    for (const unit of units) {
      if (this.#sender !== sender) return;
      await this.#send(sender, unit, unit);
    }
    this.#options.onSent(id, now());
  }

  async #send(sender: RtpSender, time: MediaTime, { parts, key }: CodedPicture): Promise<void> {
    if (key) {
      this.#idr.made(time.capturedAt);
      this.#counters.idrs += 1;
    }
    this.#counters.frames += 1;
    await sender.send(time, parts, key);
  }

  async #encode(id: FrameId, frame: Frame, range: Picture['range']): Promise<EncodedFrame[]> {
    let encoder: VideoEncoder | undefined;
    try {
      encoder = await this.#encoderFor(frame, range);
      const idr = this.#idr.due(id.capturedAt);
      if (idr) this.#idr.ordered(id.capturedAt);
      return await encoder.encode(frame, id, idr);
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

  async #encoderFor(frame: Frame, range: Picture['range']): Promise<VideoEncoder> {
    const { width, height } = frame;
    const fps = this.#options.fps();
    if (this.#encoder !== undefined && fits(this.#encoder.shape, { width, height, range, fps })) return this.#encoder;
    this.#dropEncoder();
    const [name] = await this.#chain;
    if (name === undefined) throw new Error('No encoder of the chain works here; add x264, which always does.');
    const shape: EncoderShape = { width, height, range, fps, bitrate: this.#bitrate ?? defaultBitrate(width, height, fps) };
    this.#encoder = new VideoEncoder(name, shape, this.#options.options);
    this.#options.logger.info({ encoder: name, ...shape }, 'encoding');
    return this.#encoder;
  }

  #dropEncoder(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#idr.reset();
  }
}

function chainOf(codec: VideoCodec, { options, logger }: VariantOutputOptions): Promise<readonly ActiveEncoder[]> {
  return codec === 'H264' ? workingEncoders(options.chain, logger) : Promise.resolve([ENCODER_OF_CODEC[codec]]);
}

function fits(shape: EncoderShape, { width, height, range, fps }: Omit<EncoderShape, 'bitrate'>): boolean {
  const ratio = fps / shape.fps;
  return shape.width === width && shape.height === height && shape.range === range && ratio < FPS_TOLERANCE && ratio > 1 / FPS_TOLERANCE;
}
