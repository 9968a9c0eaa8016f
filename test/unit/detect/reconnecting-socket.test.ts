import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { MessageReader, writeMessage } from '../../../src/pipeline/detect/protocol.ts';
import { ReconnectingSocket } from '../../../src/pipeline/detect/reconnecting-socket.ts';

interface Happenings {
  connected: [];
  received: [unknown];
  disconnected: [Error | undefined];
}

async function listen(t: TestContext, path: string): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer().listen(path);
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

function connectTo(t: TestContext, path: string) {
  const happens = new EventEmitter<Happenings>();
  const socket = new ReconnectingSocket({
    path,
    connected: () => happens.emit('connected'),
    received: (header) => {
      happens.emit('received', header);
      if (header === 'nonsense') throw new Error('That means nothing');
    },
    disconnected: (cause) => happens.emit('disconnected', cause),
  });
  t.after(() => socket.close());
  return { socket, happens };
}

const somewhere = (): string => join(tmpdir(), `framelock-${randomUUID()}.sock`);
const LIMIT = { timeout: 20_000 };

describe('a socket that connects again', LIMIT, () => {
  test('carries messages both ways', async (t) => {
    const path = somewhere();
    const server = await listen(t, path);
    server.on('connection', (peer: Socket) => {
      const reader = new MessageReader(16, (header, payload) => writeMessage(peer, { header, payload: payload.toString() }));
      peer.on('data', (chunk) => reader.push(chunk)).on('error', () => undefined);
    });
    const { socket, happens } = connectTo(t, path);
    await once(happens, 'connected');
    const written = new Promise<void>((resolve) => socket.send({ number: 1 }, Buffer.from('hello'), resolve));
    assert.deepEqual(await once(happens, 'received'), [{ header: { number: 1 }, payload: 'hello' }]);
    await written;
  });

  test('waits for a server that is not there yet', async (t) => {
    const path = somewhere();
    const { happens } = connectTo(t, path);
    const [cause] = await once(happens, 'disconnected');
    assert.match(String(cause), /ENOENT/);
    await listen(t, path);
    await once(happens, 'connected');
  });

  test('waits twice as long after each attempt, at most 2 s, and shortly again after a connection that was of use', async (t) => {
    const waits = t.mock.method(globalThis, 'setTimeout', (again: () => void) => void setImmediate(again));
    const path = somewhere();
    const { socket, happens } = connectTo(t, path);
    const last = (): unknown => waits.mock.calls.at(-1)?.arguments.at(1);
    for (const ms of [50, 100, 200, 400, 800, 1600, 2000, 2000]) {
      await once(happens, 'disconnected');
      assert.equal(last(), ms);
    }
    socket.settled();
    await once(happens, 'disconnected');
    assert.equal(last(), 50);
  });

  test('leaves a connection on which nonsense comes, or that is given up, and says why', async (t) => {
    const path = somewhere();
    const server = await listen(t, path);
    server.once('connection', (peer: Socket) => writeMessage(peer.on('error', () => undefined), 'nonsense' as unknown as object));
    const { socket, happens } = connectTo(t, path);
    const [nonsense] = await once(happens, 'disconnected');
    assert.match(String(nonsense), /means nothing/);
    await once(happens, 'connected');
    const ended = once(happens, 'disconnected');
    socket.giveUp(new Error('Stuck'));
    assert.match(String((await ended)[0]), /Stuck/);
    await once(happens, 'connected');
  });

  test('closes for good, in silence, and may be closed twice', async (t) => {
    const path = somewhere();
    const server = await listen(t, path);
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const { socket, happens } = connectTo(t, path);
    await once(happens, 'connected');
    const [peer] = await accepted;
    peer.resume();
    happens.on('disconnected', () => assert.fail('A socket that was closed tells of its end'));
    server.on('connection', () => assert.fail('A socket that was closed connects again'));
    socket.close();
    socket.close();
    await once(peer, 'close');
  });
});
