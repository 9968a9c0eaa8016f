import type { Consumer, PlainTransport, RtpCapabilities } from 'mediasoup/types';
import type { PublisherFeed } from '../pipeline/ipc/feeds.ts';
import { codecName } from './codecs.ts';
import { SfuError } from './errors.ts';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { Publisher } from './publisher.ts';

/** A publisher's video on its way to a stream process: RTP over loopback. It ends with the publisher. */
export class PublisherTap {
  /** What comes out, for the one who receives it. */
  readonly feed: PublisherFeed;
  readonly #transport: PlainTransport;
  readonly #consumer: Consumer;

  private constructor(transport: PlainTransport, consumer: Consumer, feed: PublisherFeed) {
    this.#transport = transport;
    this.#consumer = consumer;
    this.feed = feed;
  }

  /**
   * Made paused.
   * @param port of the receiver
   * @throws Error when the worker dies or the publisher leaves meanwhile
   */
  static async create({ slot, video }: Publisher, port: number): Promise<PublisherTap> {
    const listenInfo = { protocol: 'udp', ip: LOOPBACK, sendBufferSize: RECEIVE_BUFFER } as const;
    const transport = await slot.router.createPlainTransport({ listenInfo, rtcpMux: true });
    try {
      await transport.connect({ ip: LOOPBACK, port });
      const consumer = await transport.consume({ producerId: video.id, rtpCapabilities: plain(slot.router.rtpCapabilities), pipe: true, paused: true });
      const [codec] = consumer.rtpParameters.codecs;
      const name = codec === undefined ? undefined : codecName(codec.mimeType);
      const ssrc = consumer.rtpParameters.encodings?.[0]?.ssrc;
      if (codec === undefined || name === undefined || ssrc === undefined) throw new SfuError('no-common-codec', 'This video can’t be decoded.');
      return new PublisherTap(transport, consumer, { codec: name, payloadType: codec.payloadType, ssrc, port: transport.tuple.localPort });
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** Video starts, with a key frame. What a tap that has ended is asked is of no consequence. */
  async resume(): Promise<void> {
    if (!this.#consumer.closed) await this.#consumer.resume().catch(() => undefined);
  }

  async requestKeyframe(): Promise<void> {
    if (!this.#consumer.closed) await this.#consumer.requestKeyFrame().catch(() => undefined);
  }

  /** Idempotent. */
  close(): void {
    this.#transport.close();
  }
}

/** Loopback has bandwidth enough: no feedback about it. What a busy receiver loses is sent again as it was, not in a format of its own. */
function plain({ codecs = [], headerExtensions = [] }: RtpCapabilities): RtpCapabilities {
  return {
    codecs: codecs
      .filter(({ mimeType }) => !/\/rtx$/i.test(mimeType))
      .map((codec) => ({ ...codec, rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type === 'nack' || type === 'ccm') })),
    headerExtensions: headerExtensions.filter(({ uri }) => /abs-capture-time/.test(uri)),
  };
}
