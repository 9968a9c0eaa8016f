import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { COLORS } from '../support/drawn-frames.ts';
import { LiveServer } from '../support/live-server.ts';
import { checkWatched, NumberReader, startThreeDetectors, watchThroughCrash } from '../support/three-detectors.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

/** Milliseconds for one of these, on a machine that does other things too. */
const LIMIT_MS = 280_000;

describe('three detectors of different speeds, of which one in Python is killed and comes back', () => {
  let server: LiveServer;
  let browser: Browser;
  let reader: NumberReader;
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
    reader = new NumberReader(server);
  });
  beforeEach(() => reader.start());
  afterEach(() => reader.kill());
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const [way, variant, attributes] of [
    ['burned in', 'annotated', {}],
    ['drawn in the browser', 'clean', { unlabelled: '', measure: '' }],
  ] as const) {
    test(`boxes ${way} stand on the frame that they were computed on, or say their true age`, { timeout: LIMIT_MS }, async (t) => {
      await startThreeDetectors(server, variant, { source: 'demo://street?seed=7&timecode=1&light=day&density=0.8', model: 'street-nano', vehicles: ['car', 'bus', 'truck'] });
      const page = await openPlayer(browser, server.url, variant, variant, { attributes });
      await untilState(page, 'live');
      checkWatched(t, await watchThroughCrash(page, reader, COLORS, variant === 'clean'), { told: 0.9 });
      await page.close();
      await server.call('DELETE', `/api/streams/${variant}`);
    });
  }
});
