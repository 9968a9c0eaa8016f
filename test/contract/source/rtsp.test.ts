import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Log } from 'node-av/lib';
import { AV_LOG_QUIET, AV_PKT_FLAG_KEY } from 'node-av/constants';
import { rtspInput } from '../../../src/pipeline/source/live-inputs.ts';
import { MediaInput } from '../../../src/pipeline/source/media-input.ts';
import { freePort } from '../../support/free-port.ts';
import { runRtspServer } from '../../support/media-servers.ts';
import { WatchedSource } from '../../support/watched-source.ts';

Log.setLevel(AV_LOG_QUIET);

describe('RTSP from GStreamer’s server', () => {
  for (const codec of ['h264', 'h264-b', 'h265', 'mjpeg'] as const) {
    test(`${codec} moves`, async () => {
      const port = await freePort();
      await using _server = await runRtspServer(port, { codec });
      await using source = new WatchedSource(`rtsp://127.0.0.1:${port}/live`);
      await source.moves();
      assert.deepEqual([source.video?.width, source.video?.height], [320, 240]);
    });
  }

  for (const codec of ['h264', 'h264-b', 'h265'] as const) {
    test(`${codec}: nothing of what is read to find out what comes is lost, above all not the first key frame`, async () => {
      const port = await freePort();
      await using _server = await runRtspServer(port, { codec });
      const input = await MediaInput.open({ ...rtspInput(new URL(`rtsp://127.0.0.1:${port}/live`)), name: 'camera', lowDelay: true });
      const packets = input.packets();
      const { value: first } = await packets.next();
      assert.notEqual((first?.flags ?? 0) & AV_PKT_FLAG_KEY, 0);
      first?.free();
      await packets.return(undefined);
      await input.close();
    });
  }

  test('UDP instead of TCP is taken where the address says so', async () => {
    const port = await freePort();
    await using _server = await runRtspServer(port);
    await using source = new WatchedSource(`rtsp://127.0.0.1:${port}/live?transport=udp`);
    await source.moves();
  });

  test('a server that is down at the start, and is killed later, is found again each time', async () => {
    const port = await freePort();
    await using source = new WatchedSource(`rtsp://127.0.0.1:${port}/live`);
    const problem = await source.reaches('retrying');
    assert.equal(problem?.code, 'source-not-found');
    for (let round = 0; round < 2; round++) {
      await using server = await runRtspServer(port);
      await source.moves();
      await server.kill();
      await source.reaches('retrying');
    }
  });

  test('digest credentials are given; wrong ones are told after several tries as failed, and never shown', async () => {
    const port = await freePort();
    await using _server = await runRtspServer(port, { credentials: ['viewer', 'right-secret'] });
    await using right = new WatchedSource(`rtsp://viewer:right-secret@127.0.0.1:${port}/live`);
    await right.moves();
    await using wrong = new WatchedSource(`rtsp://viewer:wrong-secret@127.0.0.1:${port}/live`);
    const problem = await wrong.reaches('failed');
    assert.equal(problem?.code, 'source-credentials');
    assert.match(problem?.message ?? '', /credentials refused/);
    assert.ok(wrong.states.filter(({ state }) => state === 'retrying').length >= 2);
    assert.doesNotMatch(JSON.stringify(wrong.states), /wrong-secret|viewer/);
  });
});
