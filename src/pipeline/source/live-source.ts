import type { Packet } from 'node-av/lib';
import { AV_NOPTS_VALUE } from 'node-av/constants';
import type { AudioInfo, VideoInfo } from '../media/info.ts';
import type { Picture } from '../picture.ts';
import { publicAddress } from './address.ts';
import { MediaInput, type InputOptions } from './media-input.ts';
import { PacketFeed, type FeedLimits } from './packet-feed.ts';
import { PlayOut } from './play-out.ts';
import { SourceClock } from './source-clock.ts';
import { SourceError, type Source, type SourceContext, type SourceFrame } from './source.ts';

/** How an address is opened. */
export interface LiveInput extends Omit<InputOptions, 'name'> {
  /** It comes in segments, as HLS and DASH do, and is played out by its timestamps. */
  readonly segmented?: boolean;
  /** As {@link Source.patienceMs}. */
  readonly patienceMs?: number;
  /** Asks why it could not be opened, where libav does not tell; undefined where that can't be found out. */
  readonly explain?: () => Promise<SourceError | undefined>;
  /** Gives back what opening took; called once, after the input is closed. */
  readonly release?: () => void | Promise<void>;
}

/** What comes at its own pace is decoded at once; what the decoder is too slow for is dropped before it is a second old. */
const AT_ONCE: FeedLimits = { ageMs: 1000, bytes: 64 << 20 };
/** Segments arrive ahead of their time. */
const SEGMENTED: FeedLimits = { ageMs: 40_000, bytes: 256 << 20 };

/** Whatever libav reads from a network or a device and that has no end: the newest frame as soon as it can be had. */
export class LiveSource implements Source {
  readonly #name: string;
  readonly #context: SourceContext;
  readonly #describe: (signal: AbortSignal) => LiveInput | Promise<LiveInput>;
  readonly #clock = new SourceClock();
  readonly #playOut = new PlayOut();
  readonly #abort = new AbortController();
  #described: LiveInput | undefined;
  #input: MediaInput | undefined;
  #feed: PacketFeed | undefined;
  #frames: AsyncGenerator<SourceFrame> | undefined;
  #ahead: SourceFrame | undefined;
  #opening: Promise<VideoInfo> | undefined;

  /** @param describe finds out how the address is opened; @throws SourceError */
  constructor(url: URL, context: SourceContext, describe: (signal: AbortSignal) => LiveInput | Promise<LiveInput>) {
    this.#name = publicAddress(url);
    this.#context = context;
    this.#describe = describe;
  }

  open(signal: AbortSignal): Promise<VideoInfo> {
    this.#opening = this.#open(AbortSignal.any([signal, this.#abort.signal]));
    return this.#opening;
  }

  get audio(): AudioInfo | undefined {
    return this.#input?.audio;
  }

  get patienceMs(): number | undefined {
    return this.#described?.patienceMs;
  }

  get dropped(): number {
    return this.#feed?.dropped ?? 0;
  }

  async next(): Promise<SourceFrame | undefined> {
    const frame = this.#ahead ?? (await this.#read());
    this.#ahead = undefined;
    return frame;
  }

  async latest(): Promise<Picture | undefined> {
    return this.#input?.latest();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#playOut.close();
    await this.#opening?.catch(() => undefined);
    const [input, feed, described] = [this.#input, this.#feed, this.#described];
    this.#input = this.#feed = this.#described = undefined;
    this.#ahead?.picture?.release();
    this.#ahead = undefined;
    input?.interrupt();
    await feed?.close();
    await input?.close();
    await described?.release?.();
  }

  async #open(signal: AbortSignal): Promise<VideoInfo> {
    this.#described = await this.#describe(signal);
    const { segmented = false, explain } = this.#described;
    const { sound, tap, pictures } = this.#context;
    const opening = MediaInput.open({ lowDelay: true, ...this.#described, name: this.#name, sound, tap, pictures }, signal);
    const input = await opening.catch(async (error: unknown) => {
      throw (signal.aborted ? undefined : await explain?.()) ?? error;
    });
    this.#input = input;
    this.#feed = new PacketFeed(input.packets(), segmented ? SEGMENTED : AT_ONCE, segmented ? (packet, arrival) => this.#note(packet, arrival) : undefined);
    this.#frames = input.frames((mediaMs) => this.#context.numberer.number(this.#time(mediaMs)), this.#feed.packets());
    const stop = (): void => input.interrupt();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      this.#ahead = await this.#read();
    } finally {
      signal.removeEventListener('abort', stop);
    }
    const { width, height } = this.#ahead.picture!;
    return { codec: input.codec, width, height, fps: input.fps };
  }

  /** @throws SourceError `source-read` where it ends, which a live source never does by itself */
  async #read(): Promise<SourceFrame> {
    const { value: frame, done } = (await this.#frames?.next()) ?? { value: undefined, done: true };
    if (done === true || frame === undefined) throw new SourceError('source-read', `${this.#name} has ended or broken off.`);
    try {
      if (this.#described?.segmented === true) await this.#playOut.until(frame.id.capturedAt);
      return frame;
    } catch (error) {
      frame.picture?.release();
      throw error;
    }
  }

  /** When a frame was captured, or is due: milliseconds since the epoch. */
  #time(mediaMs: number | undefined): number {
    const arrival = this.#feed!.lastArrival;
    if (this.#described?.segmented !== true || mediaMs === undefined) return this.#clock.place(mediaMs, arrival);
    return this.#playOut.due(mediaMs, arrival);
  }

  #note({ pts, dts, timeBase }: Packet, arrival: number): void {
    const ticks = pts === AV_NOPTS_VALUE ? dts : pts;
    if (ticks !== AV_NOPTS_VALUE) this.#playOut.arrived((Number(ticks) * timeBase.num * 1000) / timeBase.den, arrival);
  }
}
