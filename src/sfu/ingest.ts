import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import type { PlainTransport, Producer } from 'mediasoup/types';
import { SHARES_PORTS, type RtpTarget } from '../pipeline/rtp/target.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { audioIngestParameters, BASE_PAYLOAD_TYPES, videoIngestParameters } from './codecs.ts';
import { Fanout } from './fanout.ts';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { RouterSlot } from './router-slot.ts';

/** Identifiers of header extensions between a stream process and its worker. */
const EXTENSIONS = { absCaptureTime: 1, playoutDelay: 2 } as const;

/** The entry of one rendition of a stream, or of its sound, into the SFU: RTP from a stream process, over loopback only. */
export class Ingest {
  readonly slot: RouterSlot;
  readonly producer: Producer;
  readonly target: RtpTarget;
  readonly #transport: PlainTransport;
  readonly #fanout: Fanout;

  private constructor(slot: RouterSlot, transport: PlainTransport, producer: Producer, target: RtpTarget) {
    this.slot = slot;
    this.producer = producer;
    this.target = target;
    this.#transport = transport;
    this.#fanout = new Fanout(slot, producer);
  }

  /** @throws Error when the worker dies meanwhile */
  static async create(slot: RouterSlot, codec: VideoCodec | 'opus'): Promise<Ingest> {
    const listenInfo = { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER } as const;
    const transport = await slot.router.createPlainTransport({ listenInfo, rtcpMux: true });
    try {
      const reserved = await reservePort();
      const sourcePort = reserved.address().port;
      if (SHARES_PORTS) transport.observer.once('close', () => reserved.close());
      else reserved.close();
      await transport.connect({ ip: LOOPBACK, port: sourcePort });
      const ssrc = randomInt(1, 0xffff_ffff);
      const sound = codec === 'opus';
      const payloadType = sound ? BASE_PAYLOAD_TYPES.opus : BASE_PAYLOAD_TYPES.media;
      const rtpParameters = sound ? audioIngestParameters(ssrc, payloadType, EXTENSIONS) : videoIngestParameters(codec, ssrc, payloadType, EXTENSIONS);
      const producer = await transport.produce({ kind: sound ? 'audio' : 'video', rtpParameters });
      const target = { host: LOOPBACK, port: transport.tuple.localPort, sourcePort, ssrc, payloadType, extensions: EXTENSIONS };
      return new Ingest(slot, transport, producer, target);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /**
   * The producer for viewers on a router: the ingest's own, or one at the end of a pipe that its users share.
   * @throws Error when a worker dies meanwhile
   */
  at(slot: RouterSlot): ReturnType<Fanout['at']> {
    return this.#fanout.at(slot);
  }

  /** Idempotent. */
  close(): void {
    this.#transport.close();
  }
}

/**
 * Reserves the UDP port from which the stream process will send. Without the reservation, another program could open it first and the process could
 * never send. Where two sockets can't share a port, the reservation ends early and only makes that unlikely.
 */
async function reservePort(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reusePort: SHARES_PORTS });
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  socket.unref();
  return socket;
}
