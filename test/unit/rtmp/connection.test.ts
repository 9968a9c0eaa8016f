import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { isAmfObject, readAmf0, writeAmf0, type AmfValue } from '../../../src/rtmp/amf0.ts';
import { ChunkReader } from '../../../src/rtmp/chunk-reader.ts';
import { writeMessage } from '../../../src/rtmp/chunk-writer.ts';
import { RtmpConnection, type ConnectionTimes, type Push } from '../../../src/rtmp/connection.ts';
import { MESSAGE, type RtmpMessage } from '../../../src/rtmp/message.ts';
import { Refusal } from '../../../src/util/refusal.ts';

const HANDSHAKE = 1 + 1536 + 1536;

/** A publisher that says what a test wants it to. */
class Peer {
  readonly #socket: Socket;
  readonly #read: AsyncGenerator<RtmpMessage>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#read = messagesOf(socket);
    socket.on('error', () => undefined);
  }

  static async open(port: number): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const peer = new Peer(socket);
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]));
    return peer;
  }

  command(...values: AmfValue[]): void {
    this.send(MESSAGE.command, writeAmf0(...values));
  }

  send(type: number, payload: Buffer, timestamp = 0): void {
    this.#socket.write(writeMessage({ type, streamId: 1, timestamp, payload }, 128));
  }

  /** The next command that it is told. */
  async told(): Promise<AmfValue[]> {
    for (;;) {
      const { value, done } = await this.#read.next();
      assert.equal(done, false, 'the connection ended');
      if (value!.type === MESSAGE.command) return readAmf0(value!.payload);
    }
  }

  /** The code and the description of the next status. */
  async status(): Promise<[AmfValue, AmfValue]> {
    for (;;) {
      const [name, , , info] = await this.told();
      if (name === 'onStatus' && isAmfObject(info)) return [info['code'], info['description']];
    }
  }

  /** Resolves when the server has hung up. */
  async hungUp(): Promise<void> {
    while ((await this.#read.next()).done !== true);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

async function* messagesOf(socket: Socket): AsyncGenerator<RtmpMessage, undefined> {
  const chunks = new ChunkReader();
  let skip = HANDSHAKE;
  for await (const data of socket as AsyncIterable<Buffer>) {
    const rest = data.subarray(Math.min(skip, data.length));
    skip -= data.length - rest.length;
    yield* chunks.push(rest);
  }
  return undefined;
}

describe('an RTMP connection', () => {
  let server: Server;
  let port: number;
  /** What was asked for, was received, and how it ended. */
  let seen: { asked: string[]; media: RtmpMessage[]; ended: boolean[] };
  let ran: Promise<void>;
  let times: ConnectionTimes;

  before(async () => {
    server = createServer((socket) => {
      seen = { asked: [], media: [], ended: [] };
      socket.on('error', () => undefined);
      const { asked, media, ended } = seen;
      const admit = (app: string, name: string): Promise<Push> => {
        asked.push(app, name);
        if (name === 'refused') return Promise.reject(new Refusal('already-published', 'Not today.'));
        return Promise.resolve({ media: (message) => void media.push(message), end: (orderly) => void ended.push(orderly) });
      };
      ran = new RtmpConnection(socket, admit, times).run();
      ran.catch(() => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  beforeEach(() => {
    times = { admission: 30_000, silence: 30_000, farewell: 1000 };
  });

  after(() => {
    server.close();
  });

  async function published(): Promise<Peer> {
    const peer = await Peer.open(port);
    peer.command('connect', 1, { app: 'live', tcUrl: 'rtmp://localhost/live' });
    assert.equal((await peer.told())[0], '_result');
    peer.command('createStream', 2, null);
    assert.deepEqual(await peer.told(), ['_result', 2, null, 1]);
    peer.command('publish', 3, null, 'cam', 'live');
    assert.equal((await peer.status())[0], 'NetStream.Publish.Start');
    return peer;
  }

  it('takes media of who was let in, without what is for servers only', async () => {
    const peer = await published();
    assert.deepEqual(seen.asked, ['live', 'cam']);
    peer.send(MESSAGE.data, Buffer.concat([writeAmf0('@setDataFrame'), writeAmf0('onMetaData', { width: 1 })]));
    peer.send(MESSAGE.data, writeAmf0('onTextData', { text: 'x' }));
    peer.send(MESSAGE.data, Buffer.from([0xff, 0xff]));
    peer.send(MESSAGE.video, Buffer.alloc(1000, 1), 40);
    peer.command('FCUnpublish', 4, null, 'cam');
    assert.equal((await peer.status())[0], 'NetStream.Unpublish.Success');
    await peer.hungUp();
    await ran.catch(() => undefined);
    assert.deepEqual(seen.media.map(({ type, timestamp, payload }) => [type, timestamp, payload.length]), [
      [MESSAGE.data, 0, writeAmf0('onMetaData', { width: 1 }).length],
      [MESSAGE.video, 40, 1000],
    ]);
    assert.deepEqual(seen.ended, [true]);
  });

  it('tells one end from the other', async () => {
    const peer = await published();
    peer.destroy();
    await ran.catch(() => undefined);
    assert.deepEqual(seen.ended, [false]);
  });

  it('says why somebody is refused, and hangs up', async () => {
    const peer = await Peer.open(port);
    peer.command('connect', 1, { app: 'live' });
    peer.command('publish', 3, null, 'refused', 'live');
    assert.deepEqual(await peer.status(), ['NetStream.Publish.BadName', 'Not today.']);
    await peer.hungUp();
    await ran.catch(() => undefined);
    assert.deepEqual(seen.ended, []);
  });

  it('refuses another application, and to play', async () => {
    const other = await Peer.open(port);
    other.command('connect', 1, { app: 'vod' });
    const [name, , , info] = await other.told();
    assert.deepEqual([name, isAmfObject(info) && info['code']], ['_error', 'NetConnection.Connect.InvalidApp']);
    await other.hungUp();
    const player = await Peer.open(port);
    player.command('connect', 1, { app: 'live' });
    player.command('play', 2, null, 'cam');
    assert.equal((await player.status())[0], 'NetStream.Play.Failed');
    await player.hungUp();
  });

  for (const [name, say] of [
    ['publishes before it has connected', (peer: Peer) => peer.command('publish', 1, null, 'cam')],
    ['publishes something that is no name', (peer: Peer) => (peer.command('connect', 1, { app: 'live' }), peer.command('publish', 1, null, { name: 'cam' }))],
    ['sends media before it was let in', (peer: Peer) => peer.send(MESSAGE.video, Buffer.alloc(10))],
    ['sends a command that is cut off', (peer: Peer) => peer.send(MESSAGE.command, Buffer.from([2, 0xff, 0xff, 1]))],
  ] as const) {
    it(`ends for one that ${name}`, async () => {
      const peer = await Peer.open(port);
      say(peer);
      await peer.hungUp().catch(() => undefined);
      await assert.rejects(ran, { name: 'RtmpError' });
      assert.deepEqual([seen.asked, seen.ended], [[], []]);
    });
  }

  it('ends for one that says nothing', async () => {
    times = { ...times, silence: 50 };
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    await once(socket, 'close');
  });

  it('ends for one that talks, but is not let in', async () => {
    times = { ...times, admission: 100 };
    const peer = await Peer.open(port);
    const talk = setInterval(() => peer.command('_checkbw', 1, null), 5);
    await peer.hungUp().catch(() => undefined);
    clearInterval(talk);
  });

  it('ends for a publisher that falls silent, which is no orderly end', async () => {
    times = { ...times, silence: 1500 };
    const peer = await published();
    await peer.hungUp().catch(() => undefined);
    await ran.catch(() => undefined);
    assert.deepEqual(seen.ended, [false]);
  });

  it('ends at the first byte of a browser', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    await assert.rejects(ran, { name: 'RtmpError' });
  });

  it('survives any bytes behind the handshake', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 5 }), async (pieces) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined).resume();
        await once(socket, 'connect');
        socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * 1536)]));
        for (const piece of pieces) socket.write(piece);
        socket.end();
        await once(socket, 'close');
        const error: unknown = await ran.then(() => undefined, (reason: unknown) => reason);
        assert.ok(error === undefined || ['RtmpError', 'Error'].includes((error as Error).name), String(error));
      }),
      { numRuns: 100 },
    );
  });
});
