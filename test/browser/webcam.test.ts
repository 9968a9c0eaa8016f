import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { allRoundTrips, FAKE_CAMERA, openPublishers, roundTrips, saidRoundTrip, type Publisher } from '../support/publish-page.ts';

/**
 * An estimate is right where it is less than so many times the slowest and more than so many times less than the fastest picture that was
 * measured on the same way: a busy machine changes by that much, while a wrong clock or unit is further off.
 */
const MARGIN = 4;

interface View {
  readonly id: string;
  readonly state: string;
  readonly source: { readonly kind: string };
}

describe('a webcam in Chromium, and a real server', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ args: FAKE_CAMERA });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(() => page.close());

  test('comes back annotated beside itself, its frames known by their time of capture', async (t) => {
    await server.call('POST', '/api/streams', { id: 'desk', source: 'publish://', detectors: ['street-nano'] });
    const opened = performance.now();
    page = await openPublishers(browser, server.url, ['desk'], { measure: true });
    const all = (await roundTrips(page, 90)).toSorted((a, b) => a - b);
    const sinceMs = performance.now() - opened;
    t.diagnostic(`round trip p50 ${Math.round(all[45]!)} ms, p95 ${Math.round(all[85]!)} ms`);
    assert.ok(all[0]! > 0 && all[89]! < sinceMs, `${all[0]} … ${all[89]} ms, ${sinceMs} ms after the page was opened`);
    const { p50, p95 } = await saidRoundTrip(page, 'measured');
    const measured = await allRoundTrips(page);
    assert.ok(p50 >= Math.min(...measured) && p50 <= p95 && p95 <= Math.max(...measured), `${p50} · ${p95} ms`);
  });

  test('estimates its round trip without a mark in the picture, near to what was measured with one', async (t) => {
    page = await openPublishers(browser, server.url, ['plain'], { measure: true });
    const measured = await roundTrips(page, 90);
    await page.evaluate(() => (document.querySelector<Publisher>('framelock-publisher')!.measure = false));
    const { p50, p95 } = await saidRoundTrip(page, 'estimated');
    const [fastest, slowest] = [Math.min(...measured), Math.max(...measured)];
    const said = `estimated ${Math.round(p50)} · ${Math.round(p95)} ms, measured ${Math.round(fastest)} … ${Math.round(slowest)} ms`;
    t.diagnostic(said);
    assert.ok(p50 > fastest / MARGIN && p50 < slowest * MARGIN && p95 >= p50, said);
  });

  test('is two streams when two publish from one page, and both end with it', async () => {
    page = await openPublishers(browser, server.url, ['left', 'right']);
    for (const id of ['left', 'right']) await server.until<View>(id, ({ state, source }) => state === 'live' && source.kind === 'publish');
    await page.goto('about:blank');
    await until(server, (streams) => !streams.some(({ id }) => id === 'left' || id === 'right'));
  });

  test('comes back by itself when the server is killed and started again', async () => {
    page = await openPublishers(browser, server.url, ['again'], { measure: true });
    await roundTrips(page, 10);
    await server.crashAndRestart();
    await page.locator('framelock-publisher[state=live] framelock-player[state=live]').waitFor();
    await roundTrips(page, 10);
  });
});

/** Resolves when the streams are as wanted, by what the server tells of their changes. */
async function until(server: LiveServer, wanted: (streams: readonly View[]) => boolean): Promise<void> {
  const ended = new AbortController();
  const answer = await fetch(`${server.url}/api/events`, { signal: AbortSignal.any([ended.signal, AbortSignal.timeout(120_000)]) });
  for await (const _change of answer.body!) {
    if (wanted(await server.call<View[]>('GET', '/api/streams'))) break;
  }
  ended.abort();
}
