import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import type { StreamEvent } from '../../ipc/events.ts';
import type { PublisherFeed, PushedFeed } from '../../ipc/feeds.ts';
import { isRtcp, readRtpPacket, type RtpPacket } from '../../rtp/packet.ts';
import { negativeAcknowledgement } from '../../rtp/rtcp.ts';

const LOOPBACK = '127.0.0.1';
/** Bytes of socket buffer asked for: a key frame comes as a burst. */
const RECEIVE_BUFFER = 4_194_304;
/** Milliseconds between two requests for a key frame. */
const REQUEST_INTERVAL_MS = 500;

interface PublisherInboxEvents {
  packet: [RtpPacket];
  /** Another publisher, or none any more. */
  publisher: [];
}

/**
 * Where a stream process takes in what a publisher sends: one UDP port on loopback for as long as the process lives, whoever comes
 * and goes.
 */
export class PublisherInbox extends EventEmitter<PublisherInboxEvents> {
  readonly #send: (event: StreamEvent) => void;
  #socket: Socket | undefined;
  #publisher: PublisherFeed | undefined;
  #pushed: PushedFeed | undefined;
  #askedAt = -Infinity;
  #askLater: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param send tells the control process */
  constructor(send: (event: StreamEvent) => void) {
    super();
    this.#send = send;
  }

  /** Who sends RTP right now. */
  get publisher(): PublisherFeed | undefined {
    return this.#publisher;
  }

  /** Who pushes something else right now. */
  get pushed(): PushedFeed | undefined {
    return this.#pushed;
  }

  /** Takes its port and tells it; later calls do nothing. @throws Error where no socket can be bound; the signal's reason */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#socket !== undefined || this.#closed) return;
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
    this.#socket = socket;
    try {
      socket.bind(0, LOOPBACK);
      await once(socket, 'listening', { signal });
    } catch (error) {
      this.#socket = undefined;
      socket.close();
      throw error;
    }
    socket.on('message', (datagram, { port }) => this.#receive(datagram, port));
    // A datagram that can't be received is one that is lost.
    socket.on('error', () => undefined);
    this.#send({ type: 'publisher-port', port: socket.address().port });
  }

  /** What the control process says about who sends; null: nobody. */
  set(publisher: PublisherFeed | PushedFeed | null): void {
    const pushed = publisher !== null && 'flv' in publisher ? publisher : undefined;
    this.#pushed = pushed;
    this.#publisher = pushed === publisher ? undefined : ((publisher as PublisherFeed | null) ?? undefined);
    this.emit('publisher');
  }

  /** Settles when somebody publishes. @throws the signal's reason */
  async arrival(signal: AbortSignal): Promise<void> {
    while (this.#publisher === undefined && this.#pushed === undefined) await once(this, 'publisher', { signal });
  }

  /** Asks for packets that were lost on the way from the SFU. @param lost sequence numbers, in their order */
  requestPackets(lost: readonly number[]): void {
    if (this.#publisher === undefined || lost.length === 0) return;
    this.#socket?.send(negativeAcknowledgement(this.#publisher.ssrc, lost), this.#publisher.port, LOOPBACK);
  }

  /** Requests that come close together become one. */
  requestKeyframe(): void {
    if (this.#askLater !== undefined || this.#closed) return;
    const wait = this.#askedAt + REQUEST_INTERVAL_MS - performance.now();
    const ask = (): void => {
      this.#askLater = undefined;
      this.#askedAt = performance.now();
      this.#send({ type: 'keyframe-request' });
    };
    if (wait <= 0) ask();
    else this.#askLater = setTimeout(ask, wait);
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#askLater);
    this.#socket?.close();
    this.removeAllListeners();
  }

  #receive(datagram: Buffer, port: number): void {
    const publisher = this.#publisher;
    if (publisher === undefined || port !== publisher.port || isRtcp(datagram)) return;
    const packet = readRtpPacket(datagram);
    if (packet?.ssrc === publisher.ssrc && packet.payloadType === publisher.payloadType) this.emit('packet', packet);
  }
}
