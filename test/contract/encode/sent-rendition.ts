import { EventEmitter, once } from 'node:events';
import type { Frame } from 'node-av/lib';
import { pino } from 'pino';
import { EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { Rendition, type RenditionOptions } from '../../../src/pipeline/encode/rendition.ts';
import type { FrameId } from '../../../src/pipeline/frame.ts';
import type { RenditionStats } from '../../../src/pipeline/ipc/stats.ts';
import type { VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import type { PassthroughSource } from '../../../src/pipeline/passthrough/passthrough-source.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { RtpSink } from '../../../src/pipeline/sinks/rtp-sink.ts';

export interface SentRenditionOptions extends Pick<RenditionOptions, 'encoders' | 'clock'> {
  readonly codec?: VideoCodec;
  readonly options?: EncoderOptions;
  readonly fps?: number;
  readonly onSent?: (id: FrameId) => void;
  readonly onKeyframeRequest?: () => void;
}

/** A rendition with one RTP sink, which may move to another target. */
export class SentRendition {
  readonly rendition: Rendition;
  readonly #options: SentRenditionOptions;
  readonly #events = new EventEmitter<{ sent: [] }>();
  #sink: RtpSink | undefined;
  #starting: Promise<void> = Promise.resolve();

  constructor(options: SentRenditionOptions) {
    this.#options = options;
    const { codec = 'H264', encoders, clock, fps = 30 } = options;
    this.rendition = new Rendition({
      spec: { variant: 'annotated', codec },
      options: options.options ?? EncoderOptions.parse({}),
      ...(encoders === undefined ? {} : { encoders }),
      ...(clock === undefined ? {} : { clock }),
      fps: () => fps,
      logger: pino({ level: 'silent' }),
    });
  }

  /** One after the other. */
  start(target: RtpTarget, firstSequence: number): Promise<void> {
    return (this.#starting = this.#starting.then(() => this.#start(target, firstSequence)));
  }

  push(id: FrameId, frame: Frame, range: Picture['range']): Promise<void> {
    return this.rendition.push(id, frame, range);
  }

  forward(id: FrameId, source: PassthroughSource): Promise<void> | undefined {
    return this.rendition.forward(id, source);
  }

  requestKeyframe(): void {
    this.rendition.requestKeyframe();
  }

  stats(): RenditionStats & { readonly sequence: number } {
    return { ...this.rendition.stats(), sequence: this.#sink?.stats().sequence ?? 0 };
  }

  /** Resolves when all that was made was sent. */
  async drained(): Promise<void> {
    while ((this.#sink?.stats().written ?? 0) < this.rendition.stats().frames) await once(this.#events, 'sent');
  }

  async close(): Promise<void> {
    await this.rendition.close();
    this.#sink?.close();
  }

  async #start(target: RtpTarget, firstSequence: number): Promise<void> {
    // The new one may be bound to the port of the old one.
    if (this.#sink !== undefined) {
      this.rendition.remove(this.#sink);
      this.#sink.close();
    }
    this.#sink = await RtpSink.create({
      codec: this.rendition.spec.codec,
      target,
      firstSequence,
      cname: 'test',
      logger: pino({ level: 'silent' }),
      onKeyframeRequest: () => {
        this.requestKeyframe();
        this.#options.onKeyframeRequest?.();
      },
      onSent: (id) => {
        this.#options.onSent?.(id);
        this.#events.emit('sent');
      },
    });
    this.rendition.add(this.#sink);
  }
}
