import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { freePort } from '../../support/free-port.ts';
import { ENCODED, runFfmpeg, runRtmpServer, TEST_PICTURE } from '../../support/media-servers.ts';
import { PATIENT, WatchedSource } from '../../support/watched-source.ts';

Log.setLevel(AV_LOG_QUIET);

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-senders-'));
});
after(() => rm(folder, { recursive: true }));

test('RTMP is pulled from nginx, also after nginx was killed', async () => {
  const port = await freePort();
  const address = `rtmp://127.0.0.1:${port}/app/cam`;
  const send = ['-c:a', 'aac', '-f', 'flv', address];
  const tone = ['-f', 'lavfi', '-i', 'sine'];
  const server = await runRtmpServer(port, folder);
  const sender = await runFfmpeg(...TEST_PICTURE.slice(0, 5), '-re', ...tone, ...TEST_PICTURE.slice(5), ...send);
  await using source = new WatchedSource(address);
  await source.moves();
  await server.kill();
  await source.reaches('retrying', 'stalled');
  await sender.ended;
  await using _server = await runRtmpServer(port, folder);
  await using _sender = await runFfmpeg(...TEST_PICTURE, '-f', 'flv', address);
  await source.returns();
});

describe('datagrams', () => {
  for (const [name, host] of [
    ['MPEG-TS to this machine', '127.0.0.1'],
    ['MPEG-TS to a group', '239.255.77.7'],
  ] as const) {
    test(`${name} moves, and again after its sender was gone`, async () => {
      const port = await freeUdpPort();
      const to = `udp://${host}:${port}?pkt_size=1316${host === '127.0.0.1' ? '' : '&localaddr=127.0.0.1&ttl=0'}`;
      await using source = new WatchedSource(`udp://${host}:${port}${host === '127.0.0.1' ? '' : '?localaddr=127.0.0.1'}`, { times: { giveUp: 2500 } });
      const sender = await runFfmpeg(...TEST_PICTURE, '-f', 'mpegts', to);
      await source.moves();
      await sender.kill();
      await source.reaches('retrying');
      await using _sender = await runFfmpeg(...TEST_PICTURE, '-f', 'mpegts', to);
      await source.returns();
    });
  }

  test('SRT is called, with a passphrase, also after its sender was killed', async () => {
    const port = await freeUdpPort();
    const to = `srt://127.0.0.1:${port}?mode=listener&passphrase=long-enough-secret`;
    await using source = new WatchedSource(`srt://127.0.0.1:${port}?passphrase=long-enough-secret&latency=60`);
    const sender = await runFfmpeg(...TEST_PICTURE, '-f', 'mpegts', to);
    await source.moves();
    await sender.kill();
    await source.reaches('retrying');
    assert.doesNotMatch(JSON.stringify(source.states), /long-enough-secret/);
    await using _sender = await runFfmpeg(...TEST_PICTURE, '-f', 'mpegts', to);
    await source.returns();
  });

  test('SRT waits for a caller', async () => {
    const port = await freeUdpPort();
    await using source = new WatchedSource(`srt://:${port}?mode=listener`);
    await source.reaches('connecting');
    await using _sender = await runFfmpeg(...TEST_PICTURE, '-f', 'mpegts', `srt://127.0.0.1:${port}?connect_timeout=10000`);
    await source.moves();
  });

  test('RTP moves by the address alone', async () => {
    const port = await freeUdpPort();
    await using source = new WatchedSource(`rtp://127.0.0.1:${port}?codec=h264&payload=96`);
    await using _sender = await runFfmpeg(...TEST_PICTURE, '-f', 'rtp', '-payload_type', '96', `rtp://127.0.0.1:${port}`);
    await source.moves();
  });

  test('RTP moves by a file with its session description, and again after its sender was gone', async () => {
    const port = await freeUdpPort();
    const sdp = join(folder, 'cam.sdp');
    await writeFile(sdp, `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=cam\nc=IN IP4 127.0.0.1\nt=0 0\nm=video ${port} RTP/AVP 97\na=rtpmap:97 H264/90000\n`);
    await using source = new WatchedSource(`file://${sdp}`, { context: { mediaRoots: [folder] }, times: { giveUp: 2500 } });
    const send = [...TEST_PICTURE, '-f', 'rtp', '-payload_type', '97', `rtp://127.0.0.1:${port}`];
    const sender = await runFfmpeg(...send);
    await source.moves();
    await sender.kill();
    await source.reaches('retrying');
    await using _sender = await runFfmpeg(...send);
    await source.returns();
  });
});

test('a folder plays its films in the order of their names, passes over what is broken, and starts again', async () => {
  const films = await mkdtemp(join(folder, 'films-'));
  for (const [name, size] of [['10.mp4', '160x120'], ['2.mp4', '320x240']] as const) {
    const made = await runFfmpeg(...ENCODED, '-t', '0.4', '-vf', `scale=${size.replace('x', ':')}`, join(films, name));
    await made.ended;
  }
  await writeFile(join(films, '3.mp4'), 'no film');
  await writeFile(join(films, 'notes.txt'), 'no film either');
  await using source = new WatchedSource(`file://${films}/`, { context: { mediaRoots: [folder] }, times: PATIENT });
  await source.moves(25);
  assert.deepEqual(source.sizes.slice(0, 3), ['320x240', '160x120', '320x240']);
  assert.deepEqual(source.states.map(({ state }) => state), ['connecting', 'live']);
});

test('a screen is grabbed', async () => {
  const child = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '320x240x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [number] = (await once(child.stdout, 'data')) as [Buffer];
  try {
    await using source = new WatchedSource(`x11://:${number.toString().trim()}?size=320x240&fps=10`);
    await source.arrives(5);
    assert.deepEqual([source.video?.width, source.video?.height], [320, 240]);
  } finally {
    child.kill();
  }
});

test('a camera that is not there is waited for, with a sentence that says so', async () => {
  await using source = new WatchedSource('v4l2:///dev/video99');
  const problem = await source.reaches('retrying');
  assert.equal(problem?.code, 'source-not-found');
  assert.match(problem?.message ?? '', /\/dev\/video99/);
});
