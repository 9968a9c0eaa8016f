import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { rtpDistance } from '../../../src/pipeline/frame.ts';
import type { StreamView } from '../../../src/streams/view.ts';
import { MessageBook } from '../../support/annotation-events.ts';
import { LiveServer } from '../../support/live-server.ts';
import { WhepPictures, type SeenPicture } from '../../support/whep-pictures.ts';
import { WhipPublisher } from '../../support/whip-publisher.ts';
import { y4m } from '../../support/y4m.ts';

/** Luma of the files' pictures. */
const BRIGHT = 200;

describe('while its source is away, a stream shows a slate', () => {
  let folder: string;
  let server: LiveServer;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-slate-'));
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  /** Puts a whole file in its place at once. */
  const put = async (name: string, content: Buffer): Promise<void> => {
    await writeFile(join(folder, 'new'), content);
    await rename(join(folder, 'new'), join(folder, name));
  };

  test('as large as the last frame, until frames come again, of whatever size', { timeout: 120_000 }, async () => {
    await put('clip.y4m', y4m({ width: 320, height: 180, fps: 10, frames: 10, luma: BRIGHT }));
    await server.call('POST', '/api/streams', { id: 'gate', source: join(folder, 'clip.y4m'), detectors: [] });
    await using viewer = await WhepPictures.open(server.url, 'gate');
    await using messages = MessageBook.of(server, 'gate');
    const own = await viewer.sees(({ luma }) => near(luma, BRIGHT));
    assert.deepEqual([own.width, own.height], [320, 180]);

    await rm(join(folder, 'clip.y4m'));
    const slates: SeenPicture[] = [];
    while (slates.length < 3) slates.push(await viewer.sees(({ luma }) => !near(luma, BRIGHT)));
    for (const { width, height } of slates) assert.deepEqual([width, height], [320, 180]);
    for (const { rtp } of slates) {
      const message = (await messages.about(rtp))!;
      assert.equal(message.slate, true);
      assert.deepEqual([message.detections, message.detectors], [[], {}]);
    }
    // Slates are not counted as frames of the source.
    await server.until<StreamView>('gate', ({ state, stats }) => stats.fps === 0 && (state === 'retrying' || state === 'failed'));

    await put('clip.y4m', y4m({ width: 256, height: 200, fps: 25, frames: 50, luma: BRIGHT }));
    await server.call('POST', '/api/streams/gate/retry', {});
    const back = await viewer.sees(({ width }) => width === 256);
    assert.ok(near(back.luma, BRIGHT));
    assert.equal(back.height, 200);
    const [last, first] = [(await messages.about(slates.at(-1)!.rtp))!, (await messages.about(back.rtp))!];
    assert.equal(first.slate, undefined);
    assert.ok(first.seq > last.seq);
  });

  test('of its own size, where there never was a frame', { timeout: 60_000 }, async () => {
    await server.call('POST', '/api/streams', { id: 'early', source: join(folder, 'later.y4m'), detectors: [] });
    await using viewer = await WhepPictures.open(server.url, 'early');
    const slate = await viewer.sees();
    assert.deepEqual([slate.width, slate.height], [1280, 720]);
    await put('later.y4m', y4m({ width: 64, height: 48, fps: 10, frames: 20, luma: BRIGHT }));
    await server.call('POST', '/api/streams/early/retry', {});
    const own = await viewer.sees(({ width }) => width === 64);
    assert.ok(near(own.luma, BRIGHT));
  });

  test('between two publishers, with timestamps that go on from those of the first', { timeout: 60_000 }, async () => {
    await server.call('POST', '/api/streams', { id: 'cam', source: 'publish://', detectors: [] });
    await using viewer = await WhepPictures.open(server.url, 'cam');
    const waiting = await viewer.sees();
    assert.deepEqual([waiting.width, waiting.height], [1280, 720]);

    let own: SeenPicture;
    {
      await using first = await WhipPublisher.open(server.url, 'cam', { codec: 'VP8' });
      first.luma = BRIGHT;
      own = await viewer.sees(({ luma }) => near(luma, BRIGHT));
      assert.deepEqual([own.width, own.height], [320, 240]);
      await first.delete();
    }
    const slate = await viewer.sees(({ luma }) => !near(luma, BRIGHT));
    assert.deepEqual([slate.width, slate.height], [320, 240]);
    const seconds = rtpDistance(slate.rtp, own.rtp) / 90_000;
    assert.ok(seconds > 0 && seconds < 30, `${seconds} s after the publisher’s frame`);

    await using second = await WhipPublisher.open(server.url, 'cam', { codec: 'VP9' });
    second.luma = BRIGHT;
    await viewer.sees(({ luma }) => near(luma, BRIGHT));
  });
});

function near(luma: number, wanted: number): boolean {
  return Math.abs(luma - wanted) < 12;
}
