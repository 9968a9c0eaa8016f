import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { StreamView } from '../../src/streams/view.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { lookAtFrames, openPlayer, untilState } from '../support/watch-page.ts';

describe('H.264 that is encoded in another profile than SDP names', () => {
  let server: LiveServer;
  let browser: Browser;
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ viewport: { width: 800, height: 500 } });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const profile of ['main', 'high']) {
    test(`${profile} is shown by a browser, each frame with its own number`, async () => {
      const source = 'demo://street?seed=7&timecode=1&width=768&height=432&fps=15';
      await server.call('POST', '/api/streams', { id: profile, source, detectors: [], encoder: { chain: ['x264'], profile } });
      const page = await openPlayer(browser, server.url, profile, 'annotated');
      await untilState(page, 'live');
      await lookAtFrames(page, 10);
      for (const { rtp, pictureSeq, messageSeq } of await lookAtFrames(page, 20)) {
        assert.notEqual(pictureSeq, undefined, `the number of ${rtp} can’t be read`);
        if (messageSeq !== undefined) assert.equal(messageSeq, pictureSeq);
      }
      const { stats } = await server.call<StreamView>('GET', `/api/streams/${profile}`);
      assert.equal(stats.variants.annotated?.encoder, 'x264');
      assert.ok(['ultrafast', 'superfast', 'veryfast'].includes(stats.variants.annotated.preset ?? 'none'));
      await page.close();
      await server.call('DELETE', `/api/streams/${profile}`);
    });
  }
});
