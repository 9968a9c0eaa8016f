import type { Consumer, PlainTransport, RtpCapabilities } from 'mediasoup/types';
import type { PublisherFeed } from '../pipeline/ipc/feeds.ts';
import { codecName } from './codecs.ts';
import { SfuError } from './errors.ts';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { Publisher } from './publisher.ts';

/** Sends a publisher's video to a stream process: RTP over loopback. Ends with the publisher. */
export class PublisherTap {
  /** What the receiver needs to know of the RTP. */
  readonly feed: PublisherFeed;
  readonly #transport: PlainTransport;
  readonly #consumer: Consumer;

  private constructor(transport: PlainTransport, consumer: Consumer, feed: PublisherFeed) {
    this.#transport = transport;
    this.#consumer = consumer;
    this.feed = feed;
  }

  /**
   * Creates a paused tap.
   * @param port where the receiver listens
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

  /** Starts the video with a key frame. Without effect on a closed tap. */
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

/** Capabilities of the receiver: loopback needs no bandwidth feedback, and lost packets are retransmitted as they were, without RTX. */
function plain({ codecs = [], headerExtensions = [] }: RtpCapabilities): RtpCapabilities {
  return {
    codecs: codecs
      .filter(({ mimeType }) => !/\/rtx$/i.test(mimeType))
      .map((codec) => ({ ...codec, rtcpFeedback: (codec.rtcpFeedback ?? []).filter(({ type }) => type === 'nack' || type === 'ccm') })),
    headerExtensions: headerExtensions.filter(({ uri }) => /abs-capture-time/.test(uri)),
  };
}
