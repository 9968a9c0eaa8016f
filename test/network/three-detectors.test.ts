import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Browser } from '../support/chromium.ts';
import { COLORS } from '../support/drawn-frames.ts';
import type { LiveServer } from '../support/live-server.ts';
import { networkUnavailable, TestNetwork } from '../support/network.ts';
import { checkWatched, NumberReader, startThreeDetectors, watchThroughCrash } from '../support/three-detectors.ts';
import { openRemotePlayer, untilState } from '../support/watch-page.ts';

const LOSS = 0.05;
/** Milliseconds for one of these, on a machine that does other things too. */
const LIMIT_MS = 280_000;

describe(`three detectors of different speeds, watched with ${LOSS * 100} % of packets lost`, { skip: networkUnavailable() ?? false }, () => {
  let network: TestNetwork;
  let server: LiveServer;
  let browser: Browser;
  let reader: NumberReader;
  let page: Page | undefined;
  before(async () => {
    network = await TestNetwork.create();
    server = await network.startServer();
    browser = await network.launchBrowser();
    reader = new NumberReader(server);
  });
  beforeEach(() => reader.start());
  // The next one is to have the machine for itself, also where one has failed.
  afterEach(async () => {
    await reader.kill();
    await network.change({});
    await page?.close();
    for (const { id } of await server.call<{ id: string }[]>('GET', '/api/streams')) await server.call('DELETE', `/api/streams/${id}`);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  for (const [way, variant, attributes] of [
    ['burned in', 'annotated', ''],
    ['drawn in the browser', 'clean', 'variant="clean" unlabelled'],
  ] as const) {
    test(`boxes ${way} stand on the frame that they were computed on, or say their true age`, { timeout: LIMIT_MS }, async (t) => {
      await startThreeDetectors(server, variant, { source: 'demo://street?seed=7&timecode=1&light=day&density=0.8&width=768&height=432', model: 'street-nano', vehicles: ['car', 'bus', 'truck'] });
      page = await openRemotePlayer(browser, network, variant, attributes);
      await untilState(page, 'live');
      await network.change({ loss: LOSS });
      const watched = await watchThroughCrash(page, reader, COLORS, variant === 'clean');
      const { passed, dropped } = await network.change({});
      t.diagnostic(`${dropped} of ${passed + dropped} packets dropped`);
      assert.ok(dropped > 0);
      checkWatched(t, watched, { told: 0.5 });
    });
  }
});
