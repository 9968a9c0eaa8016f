import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import type { Consumer, PlainTransport, Producer } from 'mediasoup/types';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import { BASE_PAYLOAD_TYPES, ingestParameters } from './codecs.ts';
import type { Place } from './place.ts';
import { Shared, type Held } from './shared.ts';

/** Identifiers of header extensions between a stream process and its worker. */
const EXTENSIONS = { absCaptureTime: 1, playoutDelay: 2 } as const;
const LOOPBACK = '127.0.0.1';
/** Bytes of socket buffer asked for: an IDR picture comes as a burst. */
const RECEIVE_BUFFER = 4_194_304;

interface Relay {
  readonly out: Consumer;
  readonly producer: Producer;
}

/** Where one variant of a stream enters the SFU: RTP from a stream process, over loopback only. */
export class Ingest {
  readonly place: Place;
  readonly producer: Producer;
  readonly target: RtpTarget;
  readonly #transport: PlainTransport;
  readonly #relays: Shared<Place, Relay>;

  private constructor(place: Place, transport: PlainTransport, producer: Producer, target: RtpTarget) {
    this.place = place;
    this.producer = producer;
    this.target = target;
    this.#transport = transport;
    this.#relays = new Shared(
      (elsewhere) => this.#relayTo(elsewhere),
      ({ out }) => out.close(),
    );
  }

  /** @throws Error when the worker dies meanwhile */
  static async create(place: Place): Promise<Ingest> {
    const listenInfo = { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER } as const;
    const transport = await place.router.createPlainTransport({ listenInfo, rtcpMux: true });
    try {
      const sourcePort = await freePort();
      await transport.connect({ ip: LOOPBACK, port: sourcePort });
      const ssrc = randomInt(1, 0xffff_ffff);
      const payloadType = BASE_PAYLOAD_TYPES.h264;
      const producer = await transport.produce({ kind: 'video', rtpParameters: ingestParameters(ssrc, payloadType, EXTENSIONS) });
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
  async at(place: Place): Promise<Held<Producer>> {
    if (place === this.place) return { value: this.producer, release: () => undefined };
    const { value, release } = await this.#relays.hold(place);
    return { value: value.producer, release };
  }

  /** Idempotent. */
  close(): void {
    this.#transport.close();
  }

  /** Payload types are translated on the way; packets that the pipe loses are sent again. */
  async #relayTo({ router }: Place): Promise<Relay> {
    const { pipeConsumer, pipeProducer } = await this.place.router.pipeToRouter({
      producerId: this.producer.id,
      router,
      // Two routers of one worker can't have producers of one id.
      keepId: false,
      enableRtx: true,
      enableSctp: false,
      listenInfo: { protocol: 'udp', ip: LOOPBACK, recvBufferSize: RECEIVE_BUFFER },
    });
    return { out: pipeConsumer!, producer: pipeProducer! };
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
