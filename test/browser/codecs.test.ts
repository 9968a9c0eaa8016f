import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { StreamView } from '../../src/streams/view.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { CODINGS, numberClip } from '../support/numbered-clip.ts';
import { lookAtFrames, openPlayer, untilState } from '../support/watch-page.ts';

/** Two seconds with one key frame, at the start. */
const MOVING = ['-f', 'lavfi', '-i', 'testsrc2=size=768x432:rate=25:duration=2'];
/** Consecutive frames that are looked at. */
const FRAMES = 60;

describe('the clean variant of a source that is not H.264', () => {
  let folder: string;
  let server: LiveServer;
  let browser: Browser;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-codecs-'));
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  for (const [codec, coding] of Object.entries(CODINGS)) {
    test(`is shown from its own ${codec}, each frame with its own message`, async (t) => {
      const id = codec.toLowerCase();
      const { path, frames } = await numberClip(MOVING, join(folder, `${codec}.mkv`), { width: 768, height: 432, coding });
      await server.call('POST', '/api/streams', { id, source: `file://${path}`, detectors: [] });
      // What the source is made of is known with its first frame.
      await server.until<StreamView>(id, ({ stats }) => stats.fps > 0);
      const page = await openPlayer(browser, server.url, id, 'clean');
      await untilState(page, 'live');
      await server.until<StreamView>(id, ({ stats: { variants } }) => variants.clean?.codec === codec && variants.clean.forwarded);
      // The first frames are looked at too, but only to let the messages begin.
      await lookAtFrames(page, 10);
      const seen = await lookAtFrames(page, FRAMES);
      for (const { rtp, pictureSeq } of seen) assert.notEqual(pictureSeq, undefined, `the number of ${rtp} can’t be read`);
      const told = seen.filter(({ messageSeq }) => messageSeq !== undefined);
      assert.ok(told.length > FRAMES / 2, `${told.length} of ${FRAMES} frames have a message`);
      for (const { pictureSeq, messageSeq } of told) assert.equal(messageSeq! % frames, pictureSeq, 'the message is about another frame than the picture');
      const { stats } = await server.call<StreamView>('GET', `/api/streams/${id}`);
      const { forwarded, encoded } = stats.variants.clean!;
      t.diagnostic(`${FRAMES} frames of ${seen.at(-1)!.presented - seen[0]!.presented + 1} displayed; ${forwarded ? 'forwarded' : encoded} at the end`);
      await page.close();
      await server.call('DELETE', `/api/streams/${id}`);
    });
  }
});
