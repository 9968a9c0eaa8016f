import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Browser } from '../support/chromium.ts';
import type { LiveServer } from '../support/live-server.ts';
import { networkUnavailable, TestNetwork } from '../support/network.ts';
import { FAKE_CAMERA, openRemotePublisher, roundTrips, untilBack } from '../support/publish-page.ts';

const LOSS = 0.05;
/** Frames that have to come back, each with the time code of its capture in the picture. */
const FRAMES = 45;

describe('a webcam behind a bad network', { skip: networkUnavailable() ?? false }, () => {
  let network: TestNetwork;
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    network = await TestNetwork.create();
    server = await network.startServer();
    await server.call('POST', '/api/streams', { id: 'desk', source: 'publish://', detectors: ['street-nano'], deadlineMs: 200 });
    browser = await network.launchBrowser({ args: FAKE_CAMERA });
    page = await openRemotePublisher(browser, network, 'desk');
    await page.evaluate(() => ((globalThis as { neverReloaded?: boolean }).neverReloaded = true));
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  test(`goes on publishing with ${LOSS * 100} % of packets lost, and its pictures come back annotated`, { timeout: 240_000 }, async (t) => {
    await network.change({ loss: LOSS });
    const all = (await roundTrips(page, FRAMES)).toSorted((a, b) => a - b);
    t.diagnostic(`round trip p50 ${Math.round(all[Math.floor(FRAMES / 2)]!)} ms, longest ${Math.round(all.at(-1)!)} ms`);
    const { passed, dropped } = await network.change({});
    t.diagnostic(`${dropped} of ${passed + dropped} packets dropped`);
    assert.ok(dropped > 0);
    await untilBack(page);
    // Pictures do not wait for a detector that is still being loaded.
    await server.until<{ stats: { detectors: Record<string, { taken: number }> } }>('desk', ({ stats }) => stats.detectors['street-nano']!.taken > 0);
  });

  test('says that it is cut off in a blackout, and publishes again by itself after it', { timeout: 240_000 }, async (t) => {
    await network.change({ down: true });
    const cut = Date.now();
    await page.locator('framelock-publisher:not([state=live])').waitFor({ timeout: 60_000 });
    t.diagnostic(`said so after ${Date.now() - cut} ms`);
    await network.change({});
    const back = Date.now();
    await untilBack(page);
    await roundTrips(page, 10);
    t.diagnostic(`frames came back ${Date.now() - back} ms after its end`);
    assert.equal(await page.evaluate(() => (globalThis as { neverReloaded?: boolean }).neverReloaded), true);
  });
});
