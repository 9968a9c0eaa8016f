import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import type { Consumer, PlainTransport, Producer, Router, RtpCapabilities } from 'mediasoup/types';
import { EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { FrameNumberer, type FrameId } from '../../../src/pipeline/frame.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { BASE_PAYLOAD_TYPES, baseCodecs, videoIngestParameters } from '../../../src/sfu/codecs.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { moving, noise, SSRC } from './kit.ts';
import { SentRendition } from './sent-rendition.ts';
import { now } from '../../../src/util/clock.ts';

const WORKER = process.env['MEDIASOUP_WORKER_BIN'];
const skip = WORKER !== undefined && existsSync(WORKER) ? false : 'needs a mediasoup worker in MEDIASOUP_WORKER_BIN';
const EXTENSIONS = { absCaptureTime: 1, playoutDelay: 2 } as const;
const FRAME_MS = 33;
/** Packets that are lost on the way, every tenth one. */
const LOST = 6;

/** A router of a real worker with a producer on a plain transport, as the SFU makes it. */
class Ingest {
  readonly router: Router;
  readonly transport: PlainTransport;
  readonly producer: Producer;
  readonly target: RtpTarget;

  private constructor(router: Router, transport: PlainTransport, producer: Producer, target: RtpTarget) {
    this.router = router;
    this.transport = transport;
    this.producer = producer;
    this.target = target;
  }

  static async open(t: TestContext): Promise<Ingest> {
    const worker = await createWorker({ logLevel: 'none' });
    t.after(() => worker.close());
    const router = await worker.createRouter({ mediaCodecs: baseCodecs() });
    const transport = await router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, rtcpMux: true });
    const sourcePort = await freeUdpPort();
    await transport.connect({ ip: '127.0.0.1', port: sourcePort });
    const payloadType = BASE_PAYLOAD_TYPES.media;
    const producer = await transport.produce({ kind: 'video', rtpParameters: videoIngestParameters('H264', SSRC, payloadType, EXTENSIONS) });
    const target = { host: '127.0.0.1', port: transport.tuple.localPort, sourcePort, ssrc: SSRC, payloadType, extensions: EXTENSIONS };
    return new Ingest(router, transport, producer, target);
  }

  /** A viewer inside this process: gets the packets that a browser would get. */
  async view(): Promise<{ consumer: Consumer; packets: Buffer[] }> {
    const transport = await this.router.createDirectTransport();
    const rtpCapabilities: RtpCapabilities = this.router.rtpCapabilities;
    const consumer = await transport.consume({ producerId: this.producer.id, rtpCapabilities });
    const packets: Buffer[] = [];
    consumer.on('rtp', (packet) => packets.push(packet));
    return { consumer, packets };
  }

  async stats(): Promise<{ packets: number; lost: number; score: number }> {
    const [stat] = await this.producer.getStats();
    return { packets: stat?.packetCount ?? 0, lost: stat?.packetsLost ?? 0, score: stat?.score ?? 0 };
  }
}

class Source {
  readonly output: SentRendition;
  readonly ids: FrameId[] = [];
  readonly #numberer = new FrameNumberer();
  readonly #start = now();
  #asked: (() => void) | undefined;

  constructor(t: TestContext) {
    this.output = new SentRendition({
      options: EncoderOptions.parse({ bitrate: 20_000_000, idrIntervalMs: 600_000 }),
      encoders: ['x264'],
      fps: 1000 / FRAME_MS,
      onKeyframeRequest: () => this.#asked?.(),
    });
    t.after(() => this.output.close());
  }

  async push(draw = moving): Promise<void> {
    const id = this.#numberer.number(this.#start + this.ids.length * FRAME_MS);
    this.ids.push(id);
    const picture = draw(id.seq);
    await this.output.push(id, picture.frame, picture.range);
    picture.release();
  }

  /** Pushes frames until a condition holds, no faster than a worker on a busy machine takes them. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      await this.push();
      await sleep(10);
    }
  }

  /** Resolves when somebody asks for a key frame. */
  asked(): Promise<void> {
    return new Promise((resolve) => {
      this.#asked = resolve;
    });
  }
}

/** Stands on the way between the sender and the worker, and loses packets. */
async function relay(t: TestContext, ingest: Ingest, lose: (packet: Buffer) => boolean): Promise<RtpTarget> {
  const inner = createSocket('udp4');
  const outer = createSocket('udp4');
  inner.bind(ingest.target.sourcePort!, '127.0.0.1');
  outer.bind(0, '127.0.0.1');
  await Promise.all([once(inner, 'listening'), once(outer, 'listening')]);
  t.after(() => [inner, outer].forEach((socket: Socket) => socket.close()));
  let senderPort = 0;
  outer.on('message', (packet, { port }) => {
    senderPort = port;
    if (!lose(packet)) inner.send(packet, ingest.target.port, '127.0.0.1');
  });
  inner.on('message', (packet) => outer.send(packet, senderPort, '127.0.0.1'));
  const { sourcePort: _, ...target } = ingest.target;
  return { ...target, port: outer.address().port };
}

describe('a real mediasoup worker', { skip }, () => {
  test('takes every packet, scores the stream as perfect and forwards frames under their own timestamps', async (t) => {
    const ingest = await Ingest.open(t);
    const source = new Source(t);
    const { packets } = await ingest.view();
    await source.output.start(ingest.target, 65_500);
    await source.until(async () => (await ingest.stats()).score === 10 && packets.length >= 20);
    const before = await ingest.stats();
    assert.equal(before.lost, 0);
    const stamps = new Set(source.ids.map(({ rtp }) => rtp));
    assert.ok(packets.every((packet) => stamps.has(packet.readUInt32BE(4))));
  });

  test('is given one IDR frame for the requests of fifty viewers', async (t) => {
    const ingest = await Ingest.open(t);
    const source = new Source(t);
    const viewers = await Promise.all(Array.from({ length: 50 }, () => ingest.view()));
    await source.output.start(ingest.target, 0);
    await source.until(() => viewers.every(({ packets }) => packets.length > 0));
    for (let i = 0; i < 10; i++) await source.push();
    const { idrs } = source.output.stats();
    const asked = source.asked();
    await Promise.all(viewers.map(({ consumer }) => consumer.requestKeyFrame()));
    // The worker has taken all fifty requests; what it made of them is served well before a second of frames is over.
    await asked;
    for (let i = 0; i < 30; i++) await source.push();
    assert.equal(source.output.stats().idrs, idrs + 1);
  });

  test('asks again for packets that were lost, and gets them', async (t) => {
    const ingest = await Ingest.open(t);
    const source = new Source(t);
    const lost = new Set<number>();
    const target = await relay(t, ingest, (packet) => {
      const sequence = packet.readUInt16BE(2);
      if ((packet[1]! & 0x7f) !== ingest.target.payloadType || sequence % 10 !== 5 || lost.has(sequence) || lost.size === LOST) return false;
      lost.add(sequence);
      return true;
    });
    const { packets } = await ingest.view();
    await source.output.start(target, 0);
    const arrived = (): Set<number> => new Set(packets.map((packet) => packet.readUInt32BE(4) * 0x1_0000 + packet.readUInt16BE(2)));
    await source.until(() => lost.size === LOST);
    // A consumer numbers its packets anew, without gaps where nothing is missing.
    const complete = (): boolean => {
      const numbers = [...arrived()].map((key) => key % 0x1_0000).sort((a, b) => a - b);
      return numbers.at(-1)! - numbers[0]! + 1 === numbers.length;
    };
    await source.until(() => packets.length > 10 * LOST && complete());
  });

  test('gets an IDR frame of hundreds of packets whole', async (t) => {
    const ingest = await Ingest.open(t);
    const source = new Source(t);
    const { packets } = await ingest.view();
    await source.output.start(ingest.target, 0);
    await source.push((step) => noise(step, 1280, 720));
    await source.output.drained();
    const count = source.output.stats().sequence + 1;
    assert.ok(count > 200, `${count} packets`);
    await source.until(() => packets.some((packet) => packet.readUInt32BE(4) === source.ids[0]!.rtp && (packet[1]! & 0x80) !== 0));
    const whole = (): boolean => packets.filter((packet) => packet.readUInt32BE(4) === source.ids[0]!.rtp).length === count;
    await source.until(whole);
  });
});
