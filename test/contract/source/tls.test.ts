import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET } from 'node-av/constants';
import type { Problem } from '../../../src/pipeline/media/info.ts';
import type { SourceContext } from '../../../src/pipeline/source/source.ts';
import { selfSigned, type TlsFiles } from '../../support/certificate.ts';
import { freePort } from '../../support/free-port.ts';
import { ENCODED, runFfmpeg, runRtspServer } from '../../support/media-servers.ts';
import { WatchedSource } from '../../support/watched-source.ts';
import { files, WebServer } from '../../support/web-server.ts';

Log.setLevel(AV_LOG_QUIET);

describe('a camera that has signed its own certificate', () => {
  let folder: string;
  let tls: TlsFiles;
  /** A certificate of somebody else. */
  let other: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-tls-'));
    tls = await selfSigned(folder);
    other = (await selfSigned(await mkdtemp(join(folder, 'other-')))).certificate;
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

  describe('where certificates are verified', () => {
    const verify = (caFile: string): { context: Partial<SourceContext> } => ({ context: { trust: { verify: true, caFile } } });

    test('is read by RTSPS with its certificate among the trusted, else refused', { timeout: 120_000 }, async () => {
      const port = await freePort();
      await using _server = await runRtspServer(port, { tls, credentials: ['viewer', 'right-secret'] });
      const address = `rtsps://viewer:right-secret@127.0.0.1:${port}/live`;
      await using refused = new WatchedSource(address, verify(other));
      assertRefused(await refused.reaches('failed'));
      await using source = new WatchedSource(address, verify(tls.certificate));
      await source.moves();
    });

    for (const name of ['clip.mp4', 'vod.m3u8', 'shot.jpg'] as const) {
      test(`is read by HTTPS with its certificate among the trusted, else refused: ${name}`, { timeout: 60_000 }, async () => {
        await using server = await WebServer.open(files(folder), { tls });
        const address = `https://127.0.0.1:${server.port}/${name}`;
        await using refused = new WatchedSource(address, verify(other));
        assertRefused(await refused.reaches('failed'));
        assert.deepEqual(server.asked, [], 'nothing is asked of it');
        await using source = new WatchedSource(address, verify(tls.certificate));
        await source.arrives(3);
      });
    }

    test('is refused where its certificate is for somebody else', { timeout: 60_000 }, async () => {
      await using server = await WebServer.open(files(folder), { tls });
      for (const scheme of ['https', 'rtmps']) {
        await using source = new WatchedSource(`${scheme}://localhost:${server.port}/clip.mp4`, verify(tls.certificate));
        assert.match((await source.reaches('failed'))?.message ?? '', /ALTNAME/);
      }
    });

    function assertRefused(problem: Problem | undefined): void {
      assert.equal(problem?.code, 'source-certificate');
      assert.match(problem.message, /SELF_SIGNED.*“camera”.*sources\.tls\.caFile/);
      assert.doesNotMatch(problem.message, /right-secret/);
    }
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
