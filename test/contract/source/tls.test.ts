import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import { selfSigned, type TlsFiles } from '../../support/certificate.ts';
import { freePort } from '../../support/live-server.ts';
import { ENCODED, runFfmpeg, runRtspServer } from '../../support/media-servers.ts';
import { WatchedSource } from '../../support/watched-source.ts';
import { files, WebServer } from '../../support/web-server.ts';

Log.setLevel(AV_LOG_QUIET);

describe('a camera that has signed its own certificate', () => {
  let folder: string;
  let tls: TlsFiles;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-tls-'));
    tls = await selfSigned(folder);
    await (await runFfmpeg(...ENCODED, '-t', '2', '-movflags', '+faststart', join(folder, 'clip.mp4'))).ended;
    await (await runFfmpeg(...ENCODED, '-t', '2', '-f', 'hls', '-hls_time', '1', '-hls_playlist_type', 'vod', join(folder, 'vod.m3u8'))).ended;
    await (await runFfmpeg(...ENCODED, '-frames:v', '1', '-c:v', 'mjpeg', join(folder, 'shot.jpg'))).ended;
  });
  after(() => rm(folder, { recursive: true }));

  test('is read by RTSPS, with a digest', { timeout: 60_000 }, async () => {
    const port = await freePort();
    await using _server = await runRtspServer(port, { tls, credentials: ['viewer', 'right-secret'] });
    await using source = new WatchedSource(`rtsps://viewer:right-secret@127.0.0.1:${port}/live`);
    await source.moves();
  });

  for (const name of ['clip.mp4', 'vod.m3u8'] as const) {
    test(`is read by HTTPS: ${name}`, { timeout: 60_000 }, async () => {
      await using server = await WebServer.open(files(folder), { tls });
      await using source = new WatchedSource(`https://127.0.0.1:${server.port}/${name}`);
      await source.moves();
    });
  }

  test('is polled by HTTPS', { timeout: 60_000 }, async () => {
    await using server = await WebServer.open(files(folder), { tls });
    await using source = new WatchedSource(`https://127.0.0.1:${server.port}/shot.jpg#fps=20`);
    await source.arrives(3);
    assert.equal(source.video?.codec, 'mjpeg');
  });

  test('is not read by RTSP, nor one without TLS by RTSPS', { timeout: 120_000 }, async () => {
    const [secure, plain] = [await freePort(), await freePort()];
    await using _secure = await runRtspServer(secure, { tls });
    await using _plain = await runRtspServer(plain);
    for (const address of [`rtsp://127.0.0.1:${secure}/live`, `rtsps://127.0.0.1:${plain}/live`]) {
      await using source = new WatchedSource(address);
      await source.reaches('retrying');
      assert.equal(source.video, undefined);
    }
  });
});
