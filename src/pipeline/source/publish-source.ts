import { FFmpegError } from 'node-av/lib';
import { RTP_TICKS_PER_MS } from '../frame.ts';
import type { PublisherFeed } from '../ipc/feeds.ts';
import type { VideoInfo } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import { FrameAssembler, type AssembledFrame } from '../rtp/frame-assembler.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import { PictureNormaliser } from './normaliser.ts';
import { ArrivalClock } from './publish/arrival-clock.ts';
import { LowDelayDecoder } from './publish/low-delay-decoder.ts';
import { RateEstimate } from './publish/rate-estimate.ts';
import { Slot } from './publish/slot.ts';
import type { PublisherInbox } from './publish/publisher-inbox.ts';
import { SourceError, type AwaitedPublisher, type Source, type SourceContext, type SourceFrame } from './source.ts';
import { now } from '../../util/clock.ts';

/** Coded frames that may wait for the decoder; beyond that it begins anew with a key frame. */
const MAX_BACKLOG = 30;
/** Milliseconds between two requests for packets that are missing. */
const ASK_AGAIN_MS = 20;
const UINT32 = 0x1_0000_0000;

/** What it needs beside what every source is made from. */
export interface PublishContext extends SourceContext {
  readonly inbox: PublisherInbox;
}

/** What is known of a frame before it is decoded. */
interface Coded extends AssembledFrame {
  /** The publisher's RTP timestamp without its wraps: the frame's time for libav. */
  readonly pts: number;
  readonly capturedAt: number;
}

/** A decoded picture, before it is numbered. */
interface Decoded {
  readonly picture: Picture;
  /** The publisher's RTP timestamp, uint32. */
  readonly rtp: number;
  readonly capturedAt: number;
}

/** Somebody who sends RTP: WHIP. One attempt lasts from a publisher's arrival to its leaving. */
export class PublishSource implements Source {
  readonly awaited: AwaitedPublisher;
  readonly #context: PublishContext;
  readonly #inbox: PublisherInbox;
  readonly #clock = new ArrivalClock();
  readonly #rate = new RateEstimate();
  readonly #normaliser = new PictureNormaliser();
  readonly #out = new Slot<Decoded>();
  /** Capture times of frames that the decoder has, by their presentation times. */
  readonly #captureTimes = new Map<number, number>();
  readonly #onPacket = (packet: RtpPacket): void => this.#assemble(packet);
  readonly #onPublisher = (): void => this.#leave();
  #assembler: FrameAssembler | undefined;
  /** When packets were last asked for again, on the clock of `performance.now()`. */
  #askedAt = -Infinity;
  #decoder: LowDelayDecoder | undefined;
  #backlog: Coded[] = [];
  /** Frames that the decoder was too slow for. */
  #late = 0;
  #decoding: Promise<void> | undefined;
  #lastPts: number | undefined;
  #lastTimestamp = 0;
  #ahead: Decoded | undefined;
  #closed = false;

  constructor(_url: URL, context: PublishContext) {
    this.#context = context;
    this.#inbox = context.inbox;
    this.awaited = {
      problem: { code: 'source-waiting', message: 'Waiting for a publisher.' },
      arrival: async (signal: AbortSignal): Promise<void> => {
        await context.inbox.open(signal);
        await context.inbox.arrival(signal);
      },
    };
  }

  get dropped(): number {
    return this.#late + this.#out.dropped;
  }

  get fps(): number | undefined {
    return this.#rate.fps;
  }

  async open(): Promise<VideoInfo> {
    const publisher = this.#inbox.publisher;
    if (publisher === undefined) throw gone();
    await this.#receive(publisher);
    this.#ahead = await this.#out.take();
    const { width, height } = this.#ahead.picture;
    return { codec: publisher.codec.toLowerCase(), width, height, fps: this.#rate.fps ?? RateEstimate.USUAL };
  }

  async next(): Promise<SourceFrame | undefined> {
    const { picture, rtp, capturedAt } = this.#ahead ?? (await this.#out.take());
    this.#ahead = undefined;
    return { id: this.#context.numberer.adopt(rtp, capturedAt), picture };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.off('packet', this.#onPacket).off('publisher', this.#onPublisher);
    this.#backlog = [];
    this.#out.close(gone());
    this.#ahead?.picture.release();
    this.#ahead = undefined;
    await this.#decoding;
    this.#decoder?.close();
    this.#normaliser.close();
  }

  async #receive({ codec }: PublisherFeed): Promise<void> {
    this.#decoder = await LowDelayDecoder.open(codec);
    if (this.#closed) {
      this.#decoder.close();
      throw gone();
    }
    this.#assembler = new FrameAssembler(codec, {
      frame: (frame) => this.#enqueue(frame),
      needsKeyframe: () => this.#inbox.requestKeyframe(),
    });
    this.#inbox.on('packet', this.#onPacket).on('publisher', this.#onPublisher);
    this.#inbox.requestKeyframe();
  }

  #assemble(packet: RtpPacket): void {
    const at = performance.now();
    this.#assembler?.push(packet, at);
    if (at - this.#askedAt < ASK_AGAIN_MS) return;
    const missing = this.#assembler?.missing ?? [];
    if (missing.length === 0) return;
    this.#askedAt = at;
    this.#inbox.requestPackets(missing);
  }

  #enqueue(frame: AssembledFrame): void {
    if (this.#backlog.length >= MAX_BACKLOG) {
      this.#late += this.#backlog.length + 1;
      this.#backlog = [];
      this.#restart();
      return;
    }
    const at = now();
    const pts = (this.#lastPts ?? frame.timestamp) + (this.#lastPts === undefined ? 0 : (frame.timestamp - this.#lastTimestamp) | 0);
    this.#lastPts = pts;
    this.#lastTimestamp = frame.timestamp;
    this.#rate.mark(pts / RTP_TICKS_PER_MS);
    this.#backlog.push({ ...frame, pts, capturedAt: this.#clock.capturedAt(frame.timestamp, at) });
    this.#decoding ??= this.#decodeAll().finally(() => (this.#decoding = undefined));
  }

  async #decodeAll(): Promise<void> {
    for (let coded = this.#backlog.shift(); coded !== undefined && !this.#closed; coded = this.#backlog.shift()) {
      try {
        await this.#decode(coded);
      } catch (error) {
        if (!(error instanceof FFmpegError)) return this.#out.close(error as Error);
        this.#decoder?.flush();
        this.#captureTimes.clear();
        this.#backlog = [];
        this.#restart();
      }
    }
  }

  async #decode({ data, pts, capturedAt }: Coded): Promise<void> {
    this.#captureTimes.set(pts, capturedAt);
    for (const frame of (await this.#decoder?.decode(data, pts)) ?? []) {
      for (const { picture, mediaMs = 0 } of await this.#normaliser.normalise(frame)) this.#out.put(this.#timed(picture, mediaMs));
    }
  }

  #timed(picture: Picture, mediaMs: number): Decoded {
    const pts = Math.round(mediaMs * RTP_TICKS_PER_MS);
    const capturedAt = this.#captureTimes.get(pts) ?? now();
    for (const known of this.#captureTimes.keys()) if (known <= pts) this.#captureTimes.delete(known);
    return { picture, rtp: ((pts % UINT32) + UINT32) % UINT32, capturedAt };
  }

  #restart(): void {
    this.#assembler?.restart();
  }

  #leave(): void {
    this.#out.close(gone());
  }
}

/** How an attempt at a publisher ends. */
export function gone(): SourceError {
  return new SourceError('source-waiting', 'The publisher has left.');
}
