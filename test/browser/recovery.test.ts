import assert from 'node:assert/strict';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { descendants } from '../support/processes.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

/** A crash costs a few seconds: so many milliseconds on a machine ten times slower than one that needs six seconds for it. */
const MOST_MS = 60_000;

/** Resolves with the time of the first displayed frame that was captured after a time; both in milliseconds since the epoch. Rejects where it takes too long. */
function frameAfter(page: Page, at: number): Promise<number> {
  return page.evaluate(
    ([at, mostMs]) =>
      new Promise<number>((resolve, reject) => {
        const player = document.querySelector('framelock-player')!;
        const look = (event: Event): void => {
          const { capturedAt } = (event as CustomEvent<{ capturedAt: number | undefined }>).detail;
          if (capturedAt === undefined || capturedAt <= at) return;
          player.removeEventListener('framelock-frame', look);
          clearTimeout(limit);
          resolve(performance.timeOrigin + performance.now());
        };
        player.addEventListener('framelock-frame', look);
        const limit = setTimeout(() => reject(new Error(`No new frame for ${mostMs} ms; the player is ${player.getAttribute('state')}`)), mostMs);
      }),
    [at, MOST_MS] as const,
  );
}

describe('a watching browser sees video again by itself', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await LiveServer.start();
    await server.call('POST', '/api/streams', { id: 'fault', source: 'demo://street?seed=3&light=day&width=640&height=360', deadlineMs: 200 });
    await server.until<{ state: string }>('fault', ({ state }) => state === 'live');
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
    page = await openPlayer(browser, server.url, 'fault');
    await untilState(page, 'live');
    await frameAfter(page, 0);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function survives(t: TestContext, fault: () => void | Promise<void>): Promise<void> {
    await page.evaluate(() => {
      const states: string[] = [];
      Object.assign(globalThis, { neverReloaded: true, states });
      const player = document.querySelector('framelock-player')!;
      new MutationObserver(() => states.push(player.getAttribute('state')!)).observe(player, { attributeFilter: ['state'] });
    });
    const at = Date.now();
    await fault();
    const faulted = Date.now();
    const seen = await frameAfter(page, faulted);
    t.diagnostic(`a new frame ${Math.round(seen - at)} ms after the fault`);
    await untilState(page, 'live');
    const { neverReloaded, states } = await page.evaluate(() => {
      const { neverReloaded, states } = globalThis as { neverReloaded?: boolean; states?: string[] };
      return { neverReloaded, states };
    });
    assert.equal(neverReloaded, true);
    t.diagnostic(`the player was ${states!.join(', ')}`);
    assert.ok(!states!.includes('failed'), 'it gave up, and began anew');
  }

  function kill(word: string): void {
    const found = descendants(server.pid, word);
    assert.ok(found.length > 0, `no process ${word}`);
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
  }

  test('after the stream process was killed', (t) => survives(t, () => kill('pipeline/stream-process')));
  test('after the media worker was killed', (t) => survives(t, () => kill('mediasoup-worker')));
  test('after the server was killed and started again', (t) => survives(t, () => server.crashAndRestart()));

  test('while the detector is killed video goes on with the annotations’ age growing, and is whole again after', async (t) => {
    // Every frame is looked at from before the fault on: what was only for a moment is seen too.
    const seen = await page.evaluateHandle(() => {
      const seen: { readonly capturedAt: number; readonly age: number }[] = [];
      document.querySelector('framelock-player')!.addEventListener('framelock-frame', (event) => {
        const { annotation } = (event as CustomEvent<{ annotation?: { capturedAt: number; detectors: Record<string, { age: number }> } }>).detail;
        const age = annotation?.detectors['street-nano']?.age;
        if (age !== undefined) seen.push({ capturedAt: annotation!.capturedAt, age });
      });
      return seen;
    });
    await page.waitForFunction((seen) => seen.some(({ age }) => age === 0), seen);
    kill('detect/detector-process');
    const at = Date.now();
    await frameAfter(page, at);
    // A busy machine has old results before the fault too.
    await page.waitForFunction(
      ({ seen, at }) => {
        const ages = seen.filter(({ capturedAt }) => capturedAt > at).map(({ age }) => age);
        const old = ages.findIndex((age) => age > 5);
        return old >= 0 && ages.lastIndexOf(0) > old;
      },
      { seen, at },
      { timeout: MOST_MS },
    );
    t.diagnostic(`boxes are of their own frame again ${Date.now() - at} ms after the fault`);
  });

  test('no process is left when the server is killed', async () => {
    const children = descendants(server.pid).map(({ pid }) => pid);
    assert.ok(children.length >= 3);
    process.kill(server.pid, 'SIGKILL');
    const alive = (): number[] => children.filter((pid) => descendants(1).some((one) => one.pid === pid));
    const killed = performance.now();
    while (alive().length > 0) {
      assert.ok(performance.now() - killed < MOST_MS, `processes ${alive().join(', ')} are still there`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
});
