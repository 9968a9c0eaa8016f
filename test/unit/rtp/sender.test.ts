import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import { RtpSender } from '../../../src/pipeline/rtp/sender.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { now } from '../../../src/util/clock.ts';

const SSRC = 0xcafe_0001;
const EXTENSION_BYTES = 20;

function targetAt(port: number, sourcePort?: number): RtpTarget {
  return {
    host: '127.0.0.1',
    port,
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ssrc: SSRC,
    payloadType: 102,
    extensions: { absCaptureTime: 1, playoutDelay: 2 },
  };
}

/** A socket where a sender's packets arrive, and that sender. */
class Peer {
  readonly packets: Buffer[] = [];
  readonly socket: Socket;
  sender!: RtpSender;
  senderPort = 0;
  /** Key frames asked for. */
  requests = 0;
  readonly #numberer = new FrameNumberer();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (packet, { port }) => {
      this.packets.push(packet);
      this.senderPort = port;
    });
  }

  static async open(t: TestContext, sourcePort?: number): Promise<Peer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    t.after(() => socket.close());
    const peer = new Peer(socket);
    peer.sender = await RtpSender.create({
      target: targetAt(socket.address().port, sourcePort),
      firstSequence: 0,
      cname: 'test',
      logger: pino({ level: 'silent' }),
      onKeyframeRequest: () => {
        peer.requests += 1;
      },
    });
    t.after(() => peer.sender.close());
    return peer;
  }

  get rtp(): Buffer[] {
    return this.packets.filter((packet) => (packet[1]! & 0x7f) === 102);
  }

  get reports(): Buffer[] {
    return this.packets.filter((packet) => packet[1] === 200);
  }

  async send(...sizes: number[]): Promise<void> {
    const nals = sizes.map((size) => Buffer.alloc(size, 0x65));
    await this.sender.send(this.#numberer.number(now()), nals);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.socket, 'message');
  }

  reply(packet: Buffer): void {
    this.socket.send(packet, this.senderPort, '127.0.0.1');
  }
}

function feedback(type: number, format: number, ...words: number[]): Buffer {
  const packet = Buffer.alloc(8 + words.length * 4);
  packet.set([0x80 | format, type, 0, 1 + words.length]);
  words.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 8 + i * 4));
  return packet;
}

describe('an RTP sender', () => {
  test('gets a frame of 300 KB through a socket buffer of the usual size', async (t) => {
    const peer = await Peer.open(t);
    await peer.send(300_000);
    await peer.send(10);
    await peer.until(() => peer.rtp.filter((packet) => (packet[1]! & 0x80) !== 0).length === 2);
    peer.rtp.forEach((packet, i) => assert.equal(packet.readUInt16BE(2), i));
    assert.equal(peer.rtp.length - 1, peer.sender.sequence);
  });

  test('reports right after the first frame how much payload it has sent', async (t) => {
    const peer = await Peer.open(t);
    await peer.send(1000, 500);
    await peer.until(() => peer.reports.length > 0);
    const [report] = peer.reports;
    assert.equal(report!.readUInt32BE(4), SSRC);
    assert.equal(report!.readUInt32BE(20), 2);
    assert.equal(report!.readUInt32BE(24), 1500);
    assert.equal(peer.sender.octets, 1500 + 2 * 12 + EXTENSION_BYTES);
  });

  test('sends a packet again that a NACK names, and nothing for one that it never sent', async (t) => {
    const peer = await Peer.open(t);
    await peer.send(3000);
    await peer.until(() => peer.rtp.length === 3);
    peer.reply(feedback(205, 1, SSRC, 0x9000_0000));
    // The second packet and, by the mask, the third.
    peer.reply(feedback(205, 1, SSRC, 0x0001_0001));
    await peer.until(() => peer.rtp.length === 5);
    assert.deepEqual(peer.rtp.slice(3), peer.rtp.slice(1, 3));
  });

  test('hears requests for a key frame, and survives whatever else comes', async (t) => {
    const peer = await Peer.open(t);
    await peer.send(10);
    await peer.until(() => peer.reports.length > 0);
    for (const bytes of [[], [0x80], [0x81, 206, 0xff, 0xff, 0], [0x81, 206, 0, 0], [0x9f, 205, 0, 1, 0, 0, 0, 0]]) peer.reply(Buffer.from(bytes));
    peer.reply(feedback(206, 1, 99));
    peer.reply(feedback(206, 1, SSRC));
    peer.reply(feedback(205, 1, SSRC, 0));
    await peer.until(() => peer.rtp.length === 2);
    assert.equal(peer.requests, 1);
  });

  test('sends from the port it is given, and says so when that port is taken', async (t) => {
    const first = await Peer.open(t);
    await first.send(10);
    await first.until(() => first.rtp.length === 1);
    await assert.rejects(Peer.open(t, first.senderPort), { code: 'EADDRINUSE' });
    first.sender.close();
    const second = await Peer.open(t, first.senderPort);
    await second.send(10);
    await second.until(() => second.rtp.length === 1);
    assert.equal(second.senderPort, first.senderPort);
  });

  test('sends nothing once it is closed', async (t) => {
    const peer = await Peer.open(t);
    await peer.send(10);
    await peer.until(() => peer.reports.length > 0);
    peer.sender.close();
    peer.sender.close();
    await peer.send(10);
    const last = createSocket('udp4');
    t.after(() => last.close());
    last.send(Buffer.from('last'), peer.socket.address().port, '127.0.0.1');
    await peer.until(() => peer.packets.at(-1)!.equals(Buffer.from('last')));
    assert.equal(peer.rtp.length, 1);
  });

  test('goes on while nobody listens, and says so once a second at most', async (t) => {
    const lines: string[] = [];
    const said = new EventEmitter<{ line: [] }>();
    const write = (line: string): void => {
      lines.push(line);
      said.emit('line');
    };
    const sender = await RtpSender.create({
      target: targetAt(await freeUdpPort()),
      firstSequence: 0,
      cname: 'test',
      logger: pino({ level: 'debug' }, { write }),
      onKeyframeRequest: () => undefined,
    });
    t.after(() => sender.close());
    const numberer = new FrameNumberer();
    const line = once(said, 'line');
    const startedAt = performance.now();
    for (let i = 0; i < 20; i++) await sender.send(numberer.number(i), [Buffer.alloc(2000, 0x65)]);
    await line;
    for (let i = 0; i < 20; i++) await sender.send(numberer.number(i), [Buffer.alloc(2000, 0x65)]);
    assert.equal(sender.sequence, 79);
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(lines.length <= 1 + seconds, `${lines.length} lines in ${seconds} s`);
    assert.match(lines[0]!, /ECONNREFUSED/);
  });
});
