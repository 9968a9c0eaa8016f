import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page, WebSocketRoute } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { elementsScript } from '../support/elements-script.ts';
import { LiveServer } from '../support/live-server.ts';

/** What tests need of the element in the page. */
interface Player extends HTMLElement {
  readonly video: HTMLVideoElement;
  readonly figures: { readonly fps: number; readonly bitrate?: number };
  variant: string;
}

describe('the player', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  /** Signalling sockets in the order in which the page opened them, and what was said on each. */
  let sockets: { readonly route: WebSocketRoute; readonly sent: string[]; readonly heard: string[] }[];

  before(async () => {
    server = await LiveServer.start();
    // By day: what is looked for is black.
    await server.call('POST', '/api/streams', { id: 'street', title: 'Street', source: 'demo://street?light=day' });
    await server.until<{ state: string }>('street', ({ state }) => state === 'live');
    browser = await launchChromium();
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(() => page.close());

  /** A foreign page with so many players, all of which have shown a frame when this resolves. */
  async function open(players = 1): Promise<void> {
    const script = elementsScript(server.url);
    const foreign = createServer((_request, response) => {
      const player = `<framelock-player src="${server.url}/live/street" style="width: 640px" controls></framelock-player>`;
      response.setHeader('Content-Type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">${player.repeat(players)}
        ${script}`);
    });
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    page = await browser.context.newPage();
    page.once('close', () => foreign.close());
    sockets = [];
    await page.routeWebSocket('**/signaling', (route) => {
      const socket = { route, sent: [] as string[], heard: [] as string[] };
      sockets.push(socket);
      const there = route.connectToServer();
      route.onMessage((text) => {
        socket.sent.push(String(text));
        there.send(text);
      });
      there.onMessage((text) => {
        socket.heard.push(String(text));
        route.send(text);
      });
    });
    await page.goto(`http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`);
    await page.waitForFunction((count) => document.querySelectorAll('framelock-player[state=live]').length === count, players, { timeout: 60_000 });
  }

  /** Resolves after so many further frames of the first player. */
  function frames(count: number): Promise<void> {
    return page.evaluate(
      (count) =>
        new Promise((resolve) => {
          let left = count;
          document.querySelector('framelock-player')!.addEventListener('framelock-frame', () => --left === 0 && resolve());
        }),
      count,
    );
  }

  test('goes on without a gap when the signalling socket breaks, and resumes its session', async () => {
    await open();
    await page.evaluate(() => {
      document.querySelector('framelock-player')!.addEventListener('framelock-state', () => document.body.setAttribute('data-changed', ''));
    });
    await sockets[0]!.route.close({ code: 4408 });
    while (!(sockets[1]?.heard.some((text) => text.includes('"welcome"')) ?? false)) await frames(1);
    assert.match(sockets[1]!.sent[0]!, /"resume":/);
    assert.match(sockets[1]!.heard[0]!, /"resumed":true/);
    await frames(10);
    assert.equal(await page.evaluate(() => document.body.hasAttribute('data-changed')), false, 'the state changed');
    assert.equal(sockets.flatMap(({ sent }) => sent).filter((text) => text.includes('"type":"watch"')).length, 1, 'it was watched again');
  });

  test('shares one connection with the others on the page', async () => {
    await open(3);
    assert.equal(sockets.length, 1);
    await page.evaluate(() => document.querySelectorAll('framelock-player')[0]!.remove());
    await frames(5);
    assert.equal(sockets.length, 1);
  });

  test('changes the variant without showing black in between', async () => {
    await open();
    await frames(5);
    const darkest = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const player = document.querySelector('framelock-player') as Player;
          // What lies over the video: the picture of what is drawn here, what is drawn, and the last picture where there is no newer one.
          const [picture, , still] = player.shadowRoot!.querySelectorAll('canvas') as unknown as [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement];
          const context = new OffscreenCanvas(32, 18).getContext('2d', { willReadFrequently: true })!;
          let darkest = 255;
          let replaced = false;
          let after = 0;
          const look = (): void => {
            context.clearRect(0, 0, 32, 18);
            context.drawImage([still, picture].find(({ hidden }) => !hidden) ?? player.video, 0, 0, 32, 18);
            const { data } = context.getImageData(0, 0, 32, 18);
            darkest = Math.min(darkest, data.reduce((sum, value, index) => (index % 4 === 1 ? sum + value : sum), 0) / (32 * 18));
            if (after < 10) requestAnimationFrame(look);
            else resolve(darkest);
          };
          // The picture was replaced when the still had to stand in for it.
          new MutationObserver(() => (replaced = true)).observe(still, { attributes: true, attributeFilter: ['hidden'] });
          player.addEventListener('framelock-frame', () => {
            if (replaced) after += 1;
          });
          player.variant = 'clean';
          look();
        }),
    );
    assert.ok(darkest > 15, `mean green of the darkest moment: ${darkest}`);
    assert.equal(await page.locator('framelock-player').getAttribute('variant'), 'clean');
  });

  test('gets no video while it is paused, and goes on live', async () => {
    await open();
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: street' }).focus();
    await page.keyboard.press(' ');
    await page.waitForFunction(() => {
      const { video, figures } = document.querySelector('framelock-player') as Player;
      return video.paused && figures.bitrate === 0 && figures.fps === 0;
    });
    assert.equal(await page.locator('framelock-player').getAttribute('state'), 'live');
    await page.keyboard.press('k');
    await frames(10);
  });

  test('plays on when it is moved to another place', async () => {
    await open();
    await page.evaluate(() => document.body.append(document.createElement('section').appendChild(document.querySelector('framelock-player')!)));
    await frames(10);
    assert.equal(await page.locator('framelock-player').getAttribute('state'), 'live');
  });
});
