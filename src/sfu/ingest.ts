import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import type { PlainTransport, Producer } from 'mediasoup/types';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { audioIngestParameters, BASE_PAYLOAD_TYPES, ingestParameters } from './codecs.ts';
import { Fanout } from './fanout.ts';
import { LOOPBACK, RECEIVE_BUFFER } from './loopback.ts';
import type { Place } from './place.ts';

/** Identifiers of header extensions between a stream process and its worker. */
const EXTENSIONS = { absCaptureTime: 1, playoutDelay: 2 } as const;

/** Where one variant of a stream, or its sound, enters the SFU: RTP from a stream process, over loopback only. */
export class Ingest {
  readonly place: Place;
  readonly producer: Producer;
  readonly target: RtpTarget;
  readonly #transport: PlainTransport;
  readonly #fanout: Fanout;

  private constructor(place: Place, transport: PlainTransport, producer: Producer, target: RtpTarget) {
    this.place = place;
    this.producer = producer;
    this.target = target;
    this.#transport = transport;
    this.#fanout = new Fanout(place, producer);
  }

  /** @throws Error when the worker dies meanwhile */
  static async create(place: Place, kind: 'audio' | 'video'): Promise<Ingest> {
    const listenInfo = { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER } as const;
    const transport = await place.router.createPlainTransport({ listenInfo, rtcpMux: true });
    try {
      const sourcePort = await freePort();
      await transport.connect({ ip: LOOPBACK, port: sourcePort });
      const ssrc = randomInt(1, 0xffff_ffff);
      const payloadType = kind === 'video' ? BASE_PAYLOAD_TYPES.media : BASE_PAYLOAD_TYPES.opus;
      const parameters = kind === 'video' ? ingestParameters : audioIngestParameters;
      const producer = await transport.produce({ kind, rtpParameters: parameters(ssrc, payloadType, EXTENSIONS) });
      const target = { host: LOOPBACK, port: transport.tuple.localPort, sourcePort, ssrc, payloadType, extensions: EXTENSIONS };
      return new Ingest(place, transport, producer, target);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /**
   * The producer that viewers at a place consume: the ingest's own, or one at the end of a pipe that its users share.
   * @throws Error when a worker dies meanwhile
   */
  at(place: Place): ReturnType<Fanout['at']> {
    return this.#fanout.at(place);
  }

  /** Idempotent. */
  close(): void {
    this.#transport.close();
  }
}

/** A UDP port that nobody has now; the kernel does not give it out again soon. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
