import type { AudioInfo, VideoInfo } from '../media/info.ts';
import { pushedInput } from './live-inputs.ts';
import { LiveSource } from './live-source.ts';
import { gone, PublishSource, type PublishContext } from './publish-source.ts';
import type { PublisherInbox } from './publish/publisher-inbox.ts';
import type { AwaitedPublisher, Source, SourceFrame } from './source.ts';

/** Whoever publishes, in whichever way: RTP by way of the SFU, or a live FLV. One attempt lasts from their arrival to their leaving. */
export class PublishedSource implements Source {
  readonly awaited: AwaitedPublisher;
  readonly #url: URL;
  readonly #context: PublishContext;
  readonly #inbox: PublisherInbox;
  readonly #rtp: PublishSource;
  readonly #onPublisher = (): void => this.#leave();
  #pushed: LiveSource | undefined;
  #left = false;

  constructor(url: URL, context: PublishContext) {
    this.#url = url;
    this.#context = context;
    this.#inbox = context.inbox;
    this.#rtp = new PublishSource(url, context);
    this.awaited = this.#rtp.awaited;
  }

  get audio(): AudioInfo | undefined {
    return this.#pushed?.audio;
  }

  get fps(): number | undefined {
    return this.#pushed === undefined ? this.#rtp.fps : undefined;
  }

  get dropped(): number {
    return (this.#pushed ?? this.#rtp).dropped;
  }

  async open(signal: AbortSignal): Promise<VideoInfo> {
    const { pushed } = this.#inbox;
    if (pushed === undefined) return this.#rtp.open();
    this.#inbox.on('publisher', this.#onPublisher);
    const source = new LiveSource(this.#url, this.#context, () => pushedInput(pushed));
    this.#pushed = source;
    return this.#untilLeft(source.open(signal));
  }

  async next(): Promise<SourceFrame | undefined> {
    return this.#pushed === undefined ? this.#rtp.next() : this.#untilLeft(this.#pushed.next());
  }

  async close(): Promise<void> {
    this.#inbox.off('publisher', this.#onPublisher);
    await this.#pushed?.close();
    await this.#rtp.close();
  }

  #leave(): void {
    this.#left = true;
    void this.#pushed?.close();
  }

  /** That it breaks off is no failure of one who has left. */
  async #untilLeft<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending;
    } catch (error) {
      throw this.#left ? gone() : error;
    }
  }
}
