import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { LiveServer } from '../../support/live-server.ts';
import { SHARED_DATA, withoutSharedData } from '../../support/shared-data.ts';
import { openReceiver } from '../../support/whep-receiver.ts';

const exec = promisify(execFile);

interface Stream {
  state: string;
  problem?: { code: string; message: string };
  video?: { width: number; height: number };
  stats: { fps: number; restarts: number };
}

describe('bad input disturbs nothing else', () => {
  let server: LiveServer;
  before(async () => {
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: `${SHARED_DATA}:media` } });
    await server.call('POST', '/api/streams', { id: 'witness', source: 'demo://street?seed=1&width=320&height=180', detectors: [] });
    await server.until<Stream>('witness', ({ state }) => state === 'live');
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [file, code] of [
    ['odd/derived/text_named.mp4', 'source-invalid'],
    ['odd/derived/random_64k.mp4', 'source-invalid'],
    ['odd/derived/truncated_50pct_moov_missing.mp4', 'source-invalid'],
    ['odd/exo_invalid_vp9.webm', 'source-invalid'],
    ['odd/derived/audio_only.m4a', 'source-no-video'],
  ] as const) {
    test(`${file} fails with a sentence that says why`, { skip: withoutSharedData }, async () => {
      const id = file.split('/').at(-1)!.toLowerCase().replace(/[^a-z0-9]+/g, '-');
      await server.call('POST', '/api/streams', { id, source: join(SHARED_DATA, file), detectors: [] });
      const { problem, stats } = await server.until<Stream>(id, ({ state }) => state === 'failed');
      assert.equal(problem?.code, code);
      assert.match(problem.message, /\.$/);
      assert.equal(stats.restarts, 0);
      await server.call('DELETE', `/api/streams/${id}`);
    });
  }

  test('a missing file is looked for again, and plays when it is there', async () => {
    const file = join(server.folder, 'media', 'later.mp4');
    await exec('mkdir', ['-p', join(server.folder, 'media')]);
    await server.call('POST', '/api/streams', { id: 'later', source: file, detectors: [] });
    const { problem } = await server.until<Stream>('later', ({ state }) => state === 'retrying');
    assert.equal(problem?.code, 'source-not-found');
    await exec('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-t', '2', '-pix_fmt', 'yuv420p', `${file}.part.mp4`]);
    await exec('mv', [`${file}.part.mp4`, file]);
    await server.call('POST', '/api/streams/later/retry', {});
    await server.until<Stream>('later', ({ state }) => state === 'live');
  });

  test('sizes that change mid-stream are followed, and the viewer goes on without joining again', async () => {
    const folder = join(server.folder, 'media');
    await exec('mkdir', ['-p', folder]);
    const parts = await Promise.all(
      ['320x180', '426x240'].map(async (size) => {
        const part = join(folder, `${size}.ts`);
        await exec('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25`, '-t', '2', '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-f', 'mpegts', part]);
        return readFile(part);
      }),
    );
    const file = join(folder, 'changing.ts');
    await writeFile(file, Buffer.concat(parts));
    await server.call('POST', '/api/streams', { id: 'changing', source: file, detectors: [] });
    let packets = 0;
    await server.until<Stream>('changing', ({ state }) => state === 'live');
    const receiver = await openReceiver(server.url, 'changing', () => (packets += 1));
    for (const width of [426, 320, 426]) {
      await server.until<Stream>('changing', ({ video }) => video?.width === width);
      const until = packets + 50;
      while (packets < until) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    receiver.close();
    assert.equal((await server.call<Stream>('GET', '/api/streams/changing')).stats.restarts, 0);
  });

  for (const [name, path, type, body, status] of [
    ['a body that is no SDP', '/live/witness/whep', 'application/sdp', 'hello', 400],
    ['an empty body', '/live/witness/whep', 'application/sdp', '', 400],
    ['another media type', '/live/witness/whep', 'application/json', '{}', 415],
    ['a stream that does not exist', '/live/nobody/whep', 'application/sdp', 'v=0\r\n', 404],
    ['a variant that does not exist', '/live/witness/whep?variant=blue', 'application/sdp', 'v=0\r\n', 400],
    ['an offer without video', '/live/witness/whep', 'application/sdp', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n', 400],
  ] as const) {
    test(`WHEP with ${name} is answered ${status} with a problem document`, async () => {
      const response = await fetch(server.url + path, { method: 'POST', headers: { 'Content-Type': type }, body });
      assert.equal(response.status, status);
      assert.match(response.headers.get('content-type') ?? '', /application\/problem\+json/);
      const problem = (await response.json()) as { detail: string };
      assert.ok(problem.detail.length > 10);
    });
  }

  test('all the while, another stream goes on', async () => {
    const { stats } = await server.until<Stream>('witness', ({ state }) => state === 'live');
    assert.equal(stats.restarts, 0);
  });
});
