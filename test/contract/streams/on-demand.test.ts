import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { ServerMessage } from '../../../src/signaling/protocol.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { messagesOf } from '../../support/annotation-events.ts';
import { LiveServer } from '../../support/live-server.ts';
import { descendants } from '../../support/processes.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';
import { y4m } from '../../support/y4m.ts';

const BRIGHT = 200;

describe('a stream on demand of a whole server', () => {
  let folder: string;
  let server: LiveServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-demand-'));
    await writeFile(join(folder, 'clip.y4m'), y4m({ width: 320, height: 180, fps: 25, frames: 50, luma: BRIGHT }));
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder, FRAMELOCK_SOURCES_SPARE: 'false' } });
    await server.call('POST', '/api/streams', { id: 'yard', source: join(folder, 'clip.y4m'), detectors: [], onDemand: true, idleAfterMs: 50 });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  /** Those that run it, not the one that compiles it ahead. */
  const processes = (): number => descendants(server.pid, 'stream-process').filter(({ command }) => !command.includes('compile-ahead')).length;
  const idle = async (): Promise<void> => {
    const { stats } = await server.until<StreamView>('yard', ({ state }) => state === 'idle');
    assert.equal(processes(), 0);
    assert.deepEqual([stats.restarts, stats.fps], [0, 0]);
  };

  test('has no process until somebody needs it', idle);

  test('starts for a WHEP viewer, and is idle again when the last one has left', { timeout: 60_000 }, async (t) => {
    const asked = performance.now();
    {
      await using first = await WhepPictures.open(server.url, 'yard');
      const { luma } = await first.sees();
      t.diagnostic(`first picture ${Math.round(performance.now() - asked)} ms after the request`);
      assert.ok(Math.abs(luma - BRIGHT) < 12, 'the first picture is the source’s own');
      await using second = await WhepPictures.open(server.url, 'yard');
      await second.sees();
      await first[Symbol.asyncDispose]();
      await second.sees();
      assert.equal((await server.call<StreamView>('GET', '/api/streams/yard')).state, 'live');
    }
    await idle();
  });

  test('starts for a reader of annotations, and is idle again when they have gone', { timeout: 60_000 }, async () => {
    for await (const { seq } of messagesOf(server, 'yard')) {
      assert.ok(seq > 0, 'frame numbers have begun anew');
      break;
    }
    await idle();
  });

  test('starts for a viewer who comes by WebSocket, and tells them so', { timeout: 60_000 }, async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/signaling`);
    const send = (message: object): void => socket.send(JSON.stringify(message));
    const states: string[] = [];
    const watch = new Promise<string>((resolve) => {
      let opened = '';
      socket.on('message', (data: Buffer) => {
        const message = ServerMessage.parse(JSON.parse(data.toString()));
        if (message.type === 'welcome') send({ type: 'watch', request: 1, stream: 'yard', variant: 'annotated', rtpCapabilities: message.rtpCapabilities });
        if (message.type === 'watching') opened = message.watch;
        if (message.type !== 'state') return;
        states.push(message.state);
        if (message.state === 'live') resolve(opened);
      });
    });
    await once(socket, 'open');
    send({ type: 'hello', v: 1 });
    send({ type: 'unwatch', request: 2, watch: await watch });
    assert.deepEqual([states.includes('connecting'), states.at(-1)], [true, 'live']);
    await idle();
    socket.close();
  });

  test('runs all the time from the moment it is told to', { timeout: 60_000 }, async () => {
    await server.call('PATCH', '/api/streams/yard', { onDemand: false });
    await server.until<StreamView>('yard', ({ state }) => state === 'live');
    await server.call('PATCH', '/api/streams/yard', { onDemand: true });
    await idle();
  });
});

test('the process that waits while a stream on demand is idle becomes its own', { timeout: 120_000 }, async () => {
  await using server = await LiveServer.start({ env: { FRAMELOCK_LOG_LEVEL: 'debug' } });
  await server.call('POST', '/api/streams', { id: 'yard', source: 'demo://street', detectors: [], onDemand: true });
  await server.logs(/a spare stream process is ready/);
  const waiting = descendants(server.pid, 'stream-process').filter(({ command }) => !command.includes('compile-ahead'));
  assert.equal((await server.call<StreamView>('GET', '/api/streams/yard')).state, 'idle');
  await using viewer = await WhepPictures.open(server.url, 'yard');
  await viewer.sees();
  const { stats } = await server.until<StreamView>('yard', ({ stats: { process } }) => process !== undefined);
  assert.deepEqual(waiting.map(({ pid }) => pid), [stats.process?.pid]);
});
