import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Figures } from '../../client/src/live/playback.ts';
import type { Browser } from '../support/chromium.ts';
import type { LiveServer } from '../support/live-server.ts';
import { ICE_PORT, networkUnavailable, TestNetwork } from '../support/network.ts';
import { lookAtFrames, openRemotePlayer, untilState } from '../support/watch-page.ts';

/** Frames that are compared with their message under each condition. */
const FRAMES = 90;
/** Frames looked at after which there must have been so many. */
const MOST = 3 * FRAMES;
const BLACKOUT_MS = 20_000;
/** Milliseconds that a player gets to find out what does not come through. */
const FOUND_OUT_MS = 60_000;
/** Milliseconds between two looks at what was tried meanwhile. */
const LOOK_MS = 250;
const TCP = { protocol: 'tcp', port: ICE_PORT } as const;
const UDP = { protocol: 'udp', port: ICE_PORT } as const;

describe('a player behind a bad network', { skip: networkUnavailable() ?? false }, () => {
  let network: TestNetwork;
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    network = await TestNetwork.create();
    server = await network.startServer();
    await server.call('POST', '/api/streams', { id: 'far', source: 'demo://street?seed=5&timecode=1&light=day&width=768&height=432', deadlineMs: 200 });
    await server.until<{ state: string }>('far', ({ state }) => state === 'live');
    browser = await network.launchBrowser();
    page = await openRemotePlayer(browser, network, 'far');
    await untilState(page, 'live');
    await page.evaluate(() => ((globalThis as { neverReloaded?: boolean }).neverReloaded = true));
  });
  afterEach(async () => {
    await network.change({});
    assert.equal(await page.evaluate(() => (globalThis as { neverReloaded?: boolean }).neverReloaded), true);
  });
  after(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    await network?.[Symbol.asyncDispose]();
  });

  /** Figures that the player has read after now. */
  function figures(): Promise<Figures> {
    return page.evaluate(
      () =>
        new Promise<Figures>((resolve) => {
          document.querySelector('framelock-player')!.addEventListener('framelock-figures', (event) => resolve((event as CustomEvent<Figures>).detail), { once: true });
        }),
    );
  }

  /** Figures that the player has read last. */
  function lastFigures(): Promise<Figures> {
    return page.evaluate(() => (document.querySelector('framelock-player') as unknown as { figures: Figures }).figures);
  }

  /** Resolves once the player's figures are as wanted; it reads them once a second. */
  async function untilFigures(wanted: (figures: Figures) => boolean): Promise<Figures> {
    const limit = AbortSignal.timeout(FOUND_OUT_MS);
    for (;;) {
      const found = await figures();
      if (wanted(found)) return found;
      assert.ok(!limit.aborted, JSON.stringify(found));
    }
  }

  /** Every displayed frame is the one that its RTP timestamp and its message speak of. */
  async function holdsLock(t: TestContext): Promise<void> {
    const before = await lastFigures();
    const frames = await lookAtFrames(page, FRAMES);
    const told = (): number => frames.filter(({ messageSeq }) => messageSeq !== undefined).length;
    // What is not there in time is not sent again, and messages begin after pictures.
    while (told() < FRAMES) {
      assert.ok(frames.length < MOST, `of ${frames.length} frames, ${told()} have their message`);
      frames.push(...(await lookAtFrames(page, FRAMES - told())));
    }
    const after = await lastFigures();
    for (const { rtp, pictureSeq, pictureCapturedAt, messageSeq, messageCapturedAt } of frames) {
      assert.ok(pictureSeq !== undefined && pictureCapturedAt !== undefined, `the time code of ${rtp} can’t be read`);
      // The picture tells whole milliseconds.
      const ticks = (rtp - pictureCapturedAt * 90) % 2 ** 32;
      assert.ok((ticks + 2 ** 32) % 2 ** 32 <= 90, `the picture is ${ticks} ticks away from its RTP timestamp`);
      if (messageSeq === undefined) continue;
      assert.equal(messageSeq, pictureSeq, 'the message is about another frame than the picture');
      assert.equal(Math.floor(messageCapturedAt!), pictureCapturedAt);
    }
    const [first, last] = [frames[0]!, frames.at(-1)!];
    const fps = ((last.presented - first.presented) * 1000) / (last.displayedAt - first.displayedAt);
    t.diagnostic(`${fps.toFixed(1)} frames a second, ${after.freezes - before.freezes} freezes of ${Math.round(after.frozenMs - before.frozenMs)} ms in all`);
    t.diagnostic(`${frames.length} frames looked at, 0 off their time code; ${told()} with their message`);
  }

  /** The first frame that is displayed from now on. */
  async function nextFrame(): Promise<void> {
    await lookAtFrames(page, 1);
  }

  describe('holds frame lock and goes on playing', () => {
    for (const [name, condition] of [
      ['without any fault', {}],
      ['with 1 % of packets lost', { loss: 0.01 }],
      ['with 5 % of packets lost', { loss: 0.05 }],
      ['with 10 % of packets lost', { loss: 0.1 }],
      ['with a delay of 100 ± 30 ms', { delayMs: 100, jitterMs: 30 }],
      ['with a quarter of packets reordered', { delayMs: 10, reorder: 0.25 }],
    ] as const) {
      test(name, async (t) => {
        await network.change(condition);
        await holdsLock(t);
        const { passed, dropped } = await network.change({});
        t.diagnostic(`${dropped} of ${passed + dropped} packets dropped`);
        assert.equal(dropped > 0, 'loss' in condition);
      });
    }
  });

  test(`plays again after a blackout of ${BLACKOUT_MS / 1000} s, which counts as a freeze`, async (t) => {
    const before = await figures();
    await network.change({ down: true });
    await wait(BLACKOUT_MS);
    const { dropped } = await network.change({});
    assert.ok(dropped > 0);
    const at = Date.now();
    await untilState(page, 'live');
    await nextFrame();
    t.diagnostic(`a new frame ${Date.now() - at} ms after its end`);
    await untilFigures(({ freezes, frozenMs }) => freezes > before.freezes && frozenMs - before.frozenMs > BLACKOUT_MS * 0.9);
    await holdsLock(t);
  });

  test('plays on when the client’s address changes', async (t) => {
    const at = Date.now();
    await network.moveClient();
    await nextFrame();
    await untilState(page, 'live');
    t.diagnostic(`a new frame ${Date.now() - at} ms after the change`);
    await holdsLock(t);
  });

  test('takes TCP when UDP is blocked', async (t) => {
    await untilFigures(({ protocol }) => protocol === 'udp');
    await network.change({ blocked: [UDP] });
    const at = Date.now();
    await untilFigures(({ protocol }) => protocol === 'tcp');
    await nextFrame();
    await untilState(page, 'live');
    t.diagnostic(`a new frame ${Date.now() - at} ms after`);
    await holdsLock(t);
  });

  test('takes TCP from the start where UDP is blocked', async (t) => {
    await network.change({ blocked: [UDP] });
    const at = Date.now();
    const other = await openRemotePlayer(browser, network, 'far');
    await untilState(other, 'live');
    t.diagnostic(`live ${Date.now() - at} ms after the page was opened`);
    await other.waitForFunction(() => (document.querySelector('framelock-player') as unknown as { figures: Figures }).figures.protocol === 'tcp', undefined, { timeout: FOUND_OUT_MS });
    await other.close();
  });

  test('says that UDP and TCP are blocked, goes on trying, and plays when they are not any more', async (t) => {
    const status = (): Promise<string> => page.evaluate(() => document.querySelector('framelock-player')!.shadowRoot!.querySelector('.status')!.textContent.replaceAll(/\s+/g, ' ').trim());
    const at = Date.now();
    await network.change({ blocked: [UDP, TCP] });
    await untilState(page, 'blocked', FOUND_OUT_MS);
    t.diagnostic(`said ${Date.now() - at} ms after`);
    assert.match(await status(), new RegExp(`^Video blocked .* port ${ICE_PORT} \\(UDP and TCP\\)`));
    await page.evaluate(() => document.querySelector('framelock-player')!.setAttribute('lang', 'zh-CN'));
    await page.waitForFunction((port) => document.querySelector('framelock-player')!.shadowRoot!.textContent.includes(`端口 ${port}（UDP 和 TCP）`), ICE_PORT);
    t.diagnostic(await status());

    // No media is sent to who is not connected: what is swallowed now are attempts to connect.
    await network.change({ blocked: [UDP, TCP] });
    const [counted, limit] = [Date.now(), AbortSignal.timeout(FOUND_OUT_MS)];
    let dropped = 0;
    while (dropped === 0) {
      assert.ok(!limit.aborted, 'nothing was tried');
      await wait(LOOK_MS);
      ({ dropped } = await network.change({ blocked: [UDP, TCP] }));
    }
    t.diagnostic(`${dropped} packets tried after ${Date.now() - counted} ms`);
    await untilState(page, 'blocked');

    await network.change({});
    const mended = Date.now();
    await untilState(page, 'live');
    t.diagnostic(`a new frame ${Date.now() - mended} ms after they were let through`);
  });
});
