import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StreamView } from '../../../src/streams/view.ts';
import { freePort } from '../../support/free-port.ts';
import { LiveServer } from '../../support/live-server.ts';
import { ENCODED, runFfmpeg } from '../../support/media-servers.ts';
import { RtmpPublisher, type RtmpPublisherOptions } from '../../support/rtmp-publisher.ts';
import { WhepPictures } from '../../support/whep-pictures.ts';
import { WhipPublisher } from '../../support/whip-publisher.ts';

const CONFIG = fileURLToPath(new URL('../../support/publish.yaml', import.meta.url));
const KEY = 'a-key-that-opens-the-gate';
const WRONG_KEY = 'another-key-altogether';

/** A server that takes RTMP. */
async function startServer(env: Record<string, string> = {}): Promise<{ server: LiveServer; address: string }> {
  const port = await freePort();
  const server = await LiveServer.start({
    demo: true,
    env: { FRAMELOCK_CONFIG: CONFIG, FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(port), FRAMELOCK_PUBLISH_GRACE_MS: '60000', ...env },
  });
  return { server, address: `rtmp://127.0.0.1:${port}/live` };
}

const waiting = ({ state, problem }: StreamView): boolean => state === 'connecting' && problem?.code === 'source-waiting';

describe('RTMP', () => {
  let server: LiveServer;
  let address: string;

  before(async () => {
    ({ server, address } = await startServer());
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  const until = (id: string, wanted: (stream: StreamView) => boolean): Promise<StreamView> => server.until<StreamView>(id, wanted);
  const publish = (id: string, options?: RtmpPublisherOptions): Promise<RtmpPublisher> => new RtmpPublisher(`${address}/${id}`, options).publishes();
  const list = (): Promise<StreamView[]> => server.call<StreamView[]>('GET', '/api/streams');

  /** Resolves when there is no such stream. */
  async function gone(id: string): Promise<void> {
    const events = await fetch(`${server.url}/api/events`);
    for await (const chunk of events.body!.pipeThrough(new TextDecoderStream())) {
      if (!(await list()).some((stream) => stream.id === id)) return;
      void chunk;
    }
  }

  it('makes a stream of what ffmpeg pushes, with its sound, and removes it when it ends', async () => {
    await using publisher = await publish('cam');
    const { video, origin, source, audio } = await until('cam', ({ state, audio }) => state === 'live' && audio !== undefined);
    assert.deepEqual([video?.codec, video?.width, video?.height, origin, source.kind], ['h264', 320, 240, 'publisher', 'publish']);
    assert.equal(audio?.codec, 'aac');
    await using viewer = await WhepPictures.open(server.url, 'cam');
    await viewer.sees(({ width, height }) => width === 320 && height === 240);
    await publisher.stop();
    await gone('cam');
  });

  it('keeps the stream of one that was killed, which goes on when it comes back in another size', async () => {
    await using first = await publish('cam');
    const { createdAt } = await until('cam', ({ state }) => state === 'live');
    await using viewer = await WhepPictures.open(server.url, 'cam');
    await viewer.sees();
    await first.kill();
    await until('cam', waiting);
    await using second = await publish('cam', { size: '480x270', sound: false });
    await viewer.sees(({ width, height }) => width === 480 && height === 270);
    const stream = await until('cam', ({ state, audio }) => state === 'live' && audio === undefined);
    assert.deepEqual([stream.createdAt, stream.stats.restarts], [createdAt, 0]);
    await second.stop();
    await gone('cam');
  });

  it('lets a publisher take the place of another, also of one that uses WHIP, and the other way round', async () => {
    await using first = await publish('cam');
    await using second = await publish('cam', { size: '480x270' });
    await first.ended;
    await until('cam', ({ state, video }) => state === 'live' && video?.width === 480);
    await using third = await WhipPublisher.open(server.url, 'cam', { codec: 'VP8' });
    await second.ended;
    await until('cam', ({ state, video }) => state === 'live' && video?.codec === 'vp8');
    await using clean = await WhepPictures.open(server.url, 'cam', 'clean');
    await clean.sees();
    await using fourth = await publish('cam', { size: '640x360' });
    assert.equal(await third.delete(), 410);
    const { stats } = await until('cam', ({ state, video }) => state === 'live' && video?.width === 640);
    assert.equal(stats.restarts, 0);
    await fourth.stop();
    await gone('cam');
  });

  it('is a stream’s source on demand: who watches sees the picture before the next key frame', async () => {
    await server.call('POST', '/api/streams', { id: 'later', source: 'publish://', onDemand: true, idleAfterMs: 0, detectors: [] });
    const rare = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '3000', '-threads', '1'];
    await using publisher = await publish('later', { video: rare });
    for (let round = 0; round < 2; round++) {
      await until('later', ({ state }) => state === 'idle');
      await using viewer = await WhepPictures.open(server.url, 'later');
      await viewer.sees();
    }
    await publisher.stop();
    await server.call('DELETE', '/api/streams/later');
  });

  it('comes back at once when its stream’s process dies, without another key frame', async () => {
    const rare = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '3000', '-threads', '1'];
    await using publisher = await publish('cam', { video: rare });
    const { stats } = await until('cam', ({ state }) => state === 'live');
    await using viewer = await WhepPictures.open(server.url, 'cam');
    await viewer.sees();
    process.kill(stats.process.pid!, 'SIGKILL');
    await until('cam', ({ state, stats: { restarts } }) => state === 'live' && restarts > stats.restarts);
    await viewer.sees();
    await publisher.stop();
    await gone('cam');
  });

  for (const [name, video] of [
    ['H.264 with B frames', ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '25', '-threads', '1']],
    ['the H.263 of old Flash', ['-c:v', 'flv', '-g', '12']],
  ] as const) {
    it(`takes ${name}`, async () => {
      await using publisher = await publish('cam', { video });
      await until('cam', ({ state }) => state === 'live');
      await using viewer = await WhepPictures.open(server.url, 'cam');
      await viewer.sees();
      await publisher.stop();
      await gone('cam');
    });
  }

  it('ends for the publisher of a stream that is removed', async () => {
    await using publisher = await publish('cam');
    await until('cam', ({ state }) => state === 'live');
    await server.call('DELETE', '/api/streams/cam');
    await publisher.ended;
    assert.ok(!(await list()).some(({ id }) => id === 'cam'));
  });

  for (const [name, stream, reason] of [
    ['whose name is no id', 'No_Id', /not the id of a stream/],
    ['of a stream that has another source', 'street', /The source of the stream “street” is another/],
  ] as const) {
    it(`refuses a publisher ${name}, and loses nothing`, async () => {
      const before = (await list()).map(({ id, state }) => [id, state]);
      await using publisher = new RtmpPublisher(`${address}/${stream}`);
      assert.notEqual(await publisher.ended, 0);
      assert.match(publisher.said, reason);
      assert.deepEqual((await list()).map(({ id, state }) => [id, state]), before);
    });
  }

  it('refuses another application', async () => {
    await using publisher = new RtmpPublisher(address.replace(/live$/, 'vod/cam'));
    assert.notEqual(await publisher.ended, 0);
    assert.match(publisher.said, /rtmp:\/\/HOST:PORT\/live\/STREAM/);
  });

  it('goes on with everything else while its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    await using other = await LiveServer.start({ env: { FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(port) } });
    await other.logs(new RegExp(`RTMP is not taken: another program has the port \\(127.0.0.1:${port}\\)`));
    holder.close();
  });
});

describe('RTMP from librtmp, as OBS has it', () => {
  it('is taken with a key, and refused with another one', async () => {
    const { server, address } = await startServer();
    await using _server = server;
    const file = join(server.folder, 'film.flv');
    await (await runFfmpeg('-f', 'lavfi', '-i', 'sine', ...ENCODED, '-c:a', 'aac', '-t', '60', file)).ended;
    await server.call('PATCH', '/api/streams/door', { publishKey: KEY });
    const refused = push(`${address}/door?key=${WRONG_KEY}`, file);
    assert.deepEqual(await once(refused, 'exit'), [1, null]);
    const publisher = push(`${address}/door?key=${KEY}`, file);
    const { video, audio } = await server.until<StreamView>('door', ({ state, audio }) => state === 'live' && audio !== undefined);
    assert.deepEqual([video?.width, video?.height, audio?.codec], [320, 240, 'aac']);
    await using viewer = await WhepPictures.open(server.url, 'door');
    await viewer.sees(({ width }) => width === 320);
    const ended = once(publisher, 'exit');
    await server.call('PATCH', '/api/streams/door', { source: 'demo://street' });
    assert.deepEqual(await ended, [1, null], 'it is told that it is over');
  });

  function push(to: string, file: string): ChildProcess {
    return spawn('/usr/bin/python3', [join(import.meta.dirname, '../../support/rtmp-push.py'), to, file], { stdio: 'ignore' });
  }
});

describe('RTMP with a key', () => {
  let server: LiveServer;
  let address: string;

  before(async () => {
    ({ server, address } = await startServer({ FRAMELOCK_PUBLISH_CREATE: 'false', FRAMELOCK_PUBLISH_POLICY: 'refuse', FRAMELOCK_LOG_LEVEL: 'trace' }));
    const stream = await server.call<StreamView>('PATCH', '/api/streams/door', { publishKey: KEY });
    assert.doesNotMatch(JSON.stringify(stream), new RegExp(KEY));
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
  });

  for (const [form, path] of [
    ['behind the stream', `door?key=${KEY}`],
    ['in a part of its own', `door/${KEY}`],
  ] as const) {
    it(`lets in who gives it ${form}`, async () => {
      await using publisher = await new RtmpPublisher(`${address}/${path}`, { sound: false }).publishes();
      await server.until<StreamView>('door', ({ state }) => state === 'live');
      await publisher.stop();
      await server.until<StreamView>('door', waiting);
    });
  }

  it('refuses who gives another one or none, who is second, and who names a stream that is not there; the first goes on', async () => {
    await using publisher = await new RtmpPublisher(`${address}/door?key=${KEY}`, { sound: false }).publishes();
    await server.until<StreamView>('door', ({ state }) => state === 'live');
    for (const [path, reason] of [
      [`door?key=${WRONG_KEY}`, /The stream key is wrong/],
      ['door', /A stream key is needed/],
      [`door?key=${KEY}`, /Somebody publishes this stream already/],
      ['nowhere', /There is no such stream/],
    ] as const) {
      await using refused = new RtmpPublisher(`${address}/${path}`);
      assert.notEqual(await refused.ended, 0);
      assert.match(refused.said, reason);
    }
    const { stats } = await server.until<StreamView>('door', ({ state }) => state === 'live');
    assert.equal(stats.restarts, 0);
    await publisher.stop();
  });

  it('shows the key nowhere', async () => {
    const shown = [server.log, JSON.stringify(await server.call('GET', '/api/streams')), JSON.stringify(await server.call('GET', '/api/streams/door'))];
    for (const text of shown) assert.doesNotMatch(text, new RegExp(`${KEY}|${WRONG_KEY}`));
  });
});

describe('RTMP with an administrator’s token', () => {
  it('takes the token as the key of every stream, and nothing without', async () => {
    const port = await freePort();
    const token = 'the-administrators-token';
    await using server = await LiveServer.start({ demo: true, env: { FRAMELOCK_TOKEN: token, FRAMELOCK_RTMP_ENABLED: 'true', FRAMELOCK_RTMP_PORT: String(port) } });
    await using refused = new RtmpPublisher(`rtmp://127.0.0.1:${port}/live/cam`);
    assert.notEqual(await refused.ended, 0);
    assert.match(refused.said, /A stream key is needed/);
    await using publisher = await new RtmpPublisher(`rtmp://127.0.0.1:${port}/live/cam?key=${token}`).publishes();
    const answer = await fetch(`${server.url}/api/streams/cam`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(server.log, new RegExp(token));
    await publisher.stop();
  });
});
