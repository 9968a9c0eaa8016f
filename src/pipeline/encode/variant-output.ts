import type { Frame } from 'node-av/lib';
import type { Logger } from 'pino';
import { now, type FrameId } from '../frame.ts';
import type { Problem, Variant, VariantStats } from '../messages.ts';
import type { Picture } from '../picture.ts';
import { RtpSender } from '../rtp/sender.ts';
import type { RtpTarget } from '../rtp/target.ts';
import { workingEncoders } from './chain.ts';
import { VideoEncoder, type EncoderShape } from './encoder.ts';
import { IdrClock } from './idr-clock.ts';
import type { EncoderName, EncoderOptions } from './options.ts';
import { defaultBitrate } from './settings.ts';

export interface VariantOutputOptions {
  readonly stream: string;
  readonly variant: Variant;
  readonly options: EncoderOptions;
  /** Nominal frames a second. */
  readonly fps: () => number;
  readonly logger: Logger;
  /** The last packet of a frame has been handed to the socket; `sentAt` in milliseconds since the epoch. */
  readonly onSent: (id: FrameId, sentAt: number) => void;
}

interface Waiting {
  readonly id: FrameId;
  readonly frame: Frame;
  readonly range: Picture['range'];
  readonly done: () => void;
}

/**
 * One variant on its way out: one encoder, one RTP sender. While a frame is being encoded, the newest one waits and any older one
 * is dropped and counted, so that delay never grows.
 */
export class VariantOutput {
  readonly #options: VariantOutputOptions;
  readonly #idr: IdrClock;
  #chain: Promise<EncoderName[]>;
  #encoder: VideoEncoder | undefined;
  #sender: RtpSender | undefined;
  #waiting: Waiting | undefined;
  #working: Promise<void> | undefined;
  #fallback: Problem | undefined;
  #bitrate: number | undefined;
  #counters = { frames: 0, idrs: 0, dropped: 0 };
  #octetsBefore = { octets: 0, at: now() };
  #closed = false;

  constructor(options: VariantOutputOptions) {
    this.#options = options;
    this.#idr = new IdrClock(options.options.idrIntervalMs);
    this.#bitrate = options.options.bitrate;
    this.#chain = workingEncoders(options.options.chain, options.logger);
  }

  /** Sends to this target from now on, beginning with an IDR frame. */
  async start(target: RtpTarget, firstSequence: number): Promise<void> {
    const { stream, variant, logger } = this.#options;
    // The new sender may be bound to the port of the old one.
    this.#sender?.close();
    this.#sender = undefined;
    const sender = await RtpSender.create({
      target,
      firstSequence,
      cname: `${stream}/${variant}`,
      logger,
      onKeyframeRequest: () => this.requestKeyframe(),
    });
    if (this.#closed) return sender.close();
    this.#sender = sender;
    this.#octetsBefore = { octets: 0, at: now() };
    this.#idr.reset();
  }

  /**
   * Resolves when the frame has been sent or dropped; until then it is read and must not change.
   * @throws Error where no encoder of the chain takes it
   */
  push(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#working === undefined) return this.#work(id, frame, range);
    if (this.#waiting !== undefined) {
      this.#counters.dropped += 1;
      this.#waiting.done();
    }
    return new Promise((done) => {
      this.#waiting = { id, frame, range, done };
    });
  }

  requestKeyframe(): void {
    this.#idr.request();
  }

  /** @param bitrate bits a second */
  setBitrate(bitrate: number): void {
    this.#bitrate = bitrate;
    this.#encoder?.setBitrate(bitrate);
  }

  stats(): VariantStats {
    const at = now();
    const octets = this.#sender?.octets ?? 0;
    const seconds = Math.max(0.001, (at - this.#octetsBefore.at) / 1000);
    const bitrate = Math.max(0, Math.round(((octets - this.#octetsBefore.octets) * 8) / seconds));
    this.#octetsBefore = { octets, at };
    return {
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
    this.#waiting?.done();
    this.#waiting = undefined;
    await this.#working?.catch(() => undefined);
    this.#sender?.close();
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  #work(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    const working = this.#encodeAndSend(id, frame, range).finally(() => {
      this.#working = undefined;
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next !== undefined) {
        this.#work(next.id, next.frame, next.range)
          .catch((error: unknown) => this.#options.logger.error({ err: error, seq: next.id.seq }, 'a frame could not be encoded'))
          .finally(next.done);
      }
    });
    this.#working = working;
    return working;
  }

  async #encodeAndSend(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    if (this.#sender === undefined) return;
    const idr = this.#idr.due(id.capturedAt);
    for (const { id: done, nals, idr: made } of await this.#encode(id, frame, range, idr)) {
      if (made) {
        this.#idr.made(done.capturedAt);
        this.#counters.idrs += 1;
      }
      this.#counters.frames += 1;
      await this.#sender.send(done, nals);
      this.#options.onSent(done, now());
    }
  }

  async #encode(id: FrameId, frame: Frame, range: Picture['range'], idr: boolean): ReturnType<VideoEncoder['encode']> {
    const encoder = await this.#encoderFor(frame, range);
    try {
      return await encoder.encode(frame, id, idr || this.#idr.due(id.capturedAt));
    } catch (error) {
      this.#dropEncoder();
      const rest = (await this.#chain).filter((name) => name !== encoder.name);
      if (rest.length === 0) throw error;
      this.#chain = Promise.resolve(rest);
      const message = `${encoder.name} failed and was replaced by ${rest[0]}.`;
      this.#fallback = { code: 'encoder-fallback', message };
      this.#options.logger.warn({ err: error, encoder: encoder.name, next: rest[0] }, message);
      return this.#encode(id, frame, range, true);
    }
  }

  async #encoderFor(frame: Frame, range: Picture['range']): Promise<VideoEncoder> {
    const shape = this.#encoder?.shape;
    if (this.#encoder !== undefined && shape?.width === frame.width && shape.height === frame.height && shape.range === range) return this.#encoder;
    this.#dropEncoder();
    const [name] = await this.#chain;
    if (name === undefined) throw new Error('No encoder of the chain works here; add x264, which always does.');
    const fps = this.#options.fps();
    const next: EncoderShape = {
      width: frame.width,
      height: frame.height,
      range,
      fps,
      bitrate: this.#bitrate ?? defaultBitrate(frame.width, frame.height, fps),
    };
    this.#encoder = new VideoEncoder(name, next, this.#options.options);
    this.#options.logger.info({ encoder: name, ...next }, 'encoding');
    return this.#encoder;
  }

  #dropEncoder(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#idr.reset();
  }
}
