import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import type { Browser } from './chromium.ts';
import { elementsScript } from './elements-script.ts';

/** A camera that gives 30 frames a second, and no question about it. */
export const FAKE_CAMERA = ['--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream'];

/** What is needed of the element in the page. */
export interface Publisher extends HTMLElement {
  readonly figures: { readonly roundTrip?: { readonly p50: number; readonly p95: number; readonly method: 'measured' | 'estimated' } };
  measure: boolean;
  goLive(): Promise<void>;
  stop(): void;
}

/**
 * A page of another origin that publishes its camera under each of these names; all are live and have come back when this resolves.
 * @param options `measure` draws number and time of capture into the pictures
 */
export async function openPublishers(browser: Browser, server: string, ids: readonly string[], { measure = false, layers = 'auto' } = {}): Promise<Page> {
  const script = elementsScript(server);
  const foreign = createServer((_request, response) => {
    const publishers = ids.map((id) => `<framelock-publisher src="${server}/live/${id}" layers=${layers} ${measure ? 'measure' : ''}></framelock-publisher>`);
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">${publishers.join('')}
      ${script}`);
  });
  foreign.listen(0, '127.0.0.1');
  await once(foreign, 'listening');
  const page = await browser.context.newPage();
  page.once('close', () => foreign.close());
  await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
  await page.evaluate(async () => {
    const all: number[] = [];
    Object.assign(globalThis, { framelockRoundTrips: all });
    const [first] = document.querySelectorAll<Publisher>('framelock-publisher');
    first!.addEventListener('framelock-round-trip', (event) => all.push((event as CustomEvent<{ ms: number }>).detail.ms));
    for (const publisher of document.querySelectorAll<Publisher>('framelock-publisher')) await publisher.goLive();
  });
  await page.locator('framelock-publisher[state=live] framelock-player[state=live]').nth(ids.length - 1).waitFor();
  return page;
}

/** Round trips of so many further frames of the first publisher, each read from the picture that came back; ms. Only with `measure`. */
export function roundTrips(page: Page, count: number): Promise<number[]> {
  return page.evaluate(
    (count) =>
      new Promise<number[]>((resolve) => {
        const all: number[] = [];
        document.querySelector('framelock-publisher')!.addEventListener('framelock-round-trip', (event) => {
          all.push((event as CustomEvent<{ ms: number }>).detail.ms);
          if (all.length === count) resolve(all);
        });
      }),
    count,
  );
}

/** All round trips of the first publisher so far, as `roundTrips`. */
export function allRoundTrips(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as { framelockRoundTrips: number[] }).framelockRoundTrips);
}

/** The round trip as the first publisher says it, by this method. */
export async function saidRoundTrip(page: Page, method: 'measured' | 'estimated'): Promise<{ p50: number; p95: number }> {
  const said = await page.waitForFunction((method) => {
    const { roundTrip } = document.querySelector<Publisher>('framelock-publisher')!.figures;
    return roundTrip?.method === method ? roundTrip : undefined;
  }, method);
  return (await said.jsonValue())!;
}

/** A page on another host, by way of a link, that publishes its camera as this stream; it is live and has come back when this resolves. */
export async function openRemotePublisher(browser: Browser, server: { readonly url: string; readonly token: string }, id: string): Promise<Page> {
  const page = await browser.context.newPage();
  const address = `${server.url}/network-test.html`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">
        <framelock-publisher src="/live/${id}" token="${server.token}" measure></framelock-publisher>
        <script type="module" src="/framelock-elements.js"></script>`,
    }),
  );
  await page.goto(address);
  await page.evaluate(() => document.querySelector<Publisher>('framelock-publisher')!.goLive());
  await untilBack(page);
  return page;
}

/** Resolves when the first publisher is live, and so is the picture that comes back. */
export async function untilBack(page: Page): Promise<void> {
  await page.locator('framelock-publisher[state=live] framelock-player[state=live]').first().waitFor({ timeout: 60_000 });
}
