import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';

/** What tests need of the element in the page. */
interface Publisher extends HTMLElement {
  readonly figures: { readonly roundTrip?: { readonly p50: number; readonly p95: number; readonly method: string } };
  measure: boolean;
  goLive(): Promise<void>;
}
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
    browser = await launchChromium({ args: ['--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream'] });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(() => page.close());

  /** A foreign page that publishes under these names, all of which are live and have come back when this resolves. */
  async function publish(ids: readonly string[], { measure = false } = {}): Promise<void> {
    const foreign = createServer((_request, response) => {
      const publishers = ids.map((id) => `<framelock-publisher src="${server.url}/live/${id}" ${measure ? 'measure' : ''}></framelock-publisher>`);
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">${publishers.join('')}
        <script type="module" src="${server.url}/framelock-elements.js"></script>`);
    });
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    page = await browser.context.newPage();
    page.once('close', () => foreign.close());
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    await page.evaluate(async () => {
      for (const publisher of document.querySelectorAll<Publisher>('framelock-publisher')) await publisher.goLive();
    });
    await page.locator('framelock-publisher[state=live] framelock-player[state=live]').nth(ids.length - 1).waitFor();
  }

  const publisher = (): Locator => page.locator('framelock-publisher').first();

  /** Resolves with the round trips of so many further frames, each read from the picture that came back; ms. */
  function roundTrips(count: number): Promise<number[]> {
    return publisher().evaluate(
      (element, count) =>
        new Promise<number[]>((resolve) => {
          const all: number[] = [];
          element.addEventListener('framelock-round-trip', (event) => {
            all.push((event as CustomEvent<{ ms: number }>).detail.ms);
            if (all.length === count) resolve(all);
          });
        }),
      count,
    );
  }

  test('comes back annotated beside itself, every frame of it known by its time of capture', async (t) => {
    await server.call('POST', '/api/streams', { id: 'desk', source: 'publish://', detectors: ['street-nano'] });
    await publish(['desk'], { measure: true });
    const all = await roundTrips(90);
    const sorted = all.toSorted((a, b) => a - b);
    t.diagnostic(`round trip p50 ${Math.round(sorted[45]!)} ms, p95 ${Math.round(sorted[85]!)} ms`);
    for (const ms of all) assert.ok(ms > 0 && ms < 5000, `${ms} ms`);
    const { roundTrip } = await publisher().evaluate((element) => (element as Publisher).figures);
    assert.equal(roundTrip?.method, 'measured');
  });

  test('estimates its round trip without a mark in the picture', async () => {
    await publish(['plain']);
    await page.waitForFunction(() => document.querySelector<Publisher>('framelock-publisher')!.figures.roundTrip !== undefined);
    const { roundTrip } = await publisher().evaluate((element) => (element as Publisher).figures);
    assert.equal(roundTrip?.method, 'estimated');
    assert.ok(roundTrip.p50 > 0 && roundTrip.p50 <= roundTrip.p95, JSON.stringify(roundTrip));
  });

  test('is two streams when two publish from one page, and both end with it', async () => {
    await publish(['left', 'right']);
    for (const id of ['left', 'right']) await server.until<View>(id, ({ state, source }) => state === 'live' && source.kind === 'publish');
    await page.goto('about:blank');
    const events = await fetch(`${server.url}/api/events`);
    const text = events.body!.pipeThrough(new TextDecoderStream());
    let seen = '';
    for await (const chunk of text) {
      seen += chunk;
      const { streams } = JSON.parse(/^event: snapshot\ndata: (.*)$/m.exec(seen)?.[1] ?? '{"streams":[]}') as { streams: View[] };
      const gone = (id: string): boolean => !streams.some((stream) => stream.id === id) || seen.includes(`"type":"removed","stream":{"id":"${id}"`);
      if (seen.includes('event: snapshot') && gone('left') && gone('right')) break;
    }
  });

  test('comes back by itself when the server is killed and started again', async () => {
    await publish(['again'], { measure: true });
    await roundTrips(10);
    await server.crashAndRestart();
    await page.locator('framelock-publisher[state=live] framelock-player[state=live]').waitFor();
    await roundTrips(10);
  });
});
