import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';
import { y4m } from '../support/y4m.ts';

describe('a player whose source comes and goes', () => {
  let folder: string;
  let server: LiveServer;
  let browser: Browser;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-states-'));
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: folder } });
    browser = await launchChromium({ viewport: { width: 1300, height: 760 }, locale: 'en' });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  /** Puts a whole file in its place at once, and has it tried. Its turn would come by itself: it is pressed while so much of the wait is left that nothing else comes before. */
  const putAndTry = async (page: Page, name: string, width: number, height: number): Promise<void> => {
    await writeFile(join(folder, 'new'), y4m({ width, height, fps: 25, frames: 25, luma: 150 }));
    await page.getByRole('status').getByText(/Next attempt in ([4-9]|\d\d) seconds/).waitFor();
    await rename(join(folder, 'new'), join(folder, name));
    await page.getByRole('button', { name: 'Try now' }).click();
  };
  /** Resolves when the video element shows pictures of this width. */
  const untilWidth = async (page: Page, width: number): Promise<void> => {
    await page.waitForFunction((wanted) => document.querySelector('framelock-player')?.shadowRoot?.querySelector('video')?.videoWidth === wanted, width, { timeout: 60_000, polling: 50 });
  };

  test('says why, counts down, has it tried again at a press, and goes on in another size without a reload', { timeout: 240_000 }, async () => {
    await server.call('POST', '/api/streams', { id: 'later', source: join(folder, 'later.y4m'), detectors: [] });
    const page = await openPlayer(browser, server.url, 'later');
    await page.evaluate(() => {
      document.querySelector('framelock-player')!.toggleAttribute('controls', true);
      (globalThis as { neverReloaded?: boolean }).neverReloaded = true;
    });
    // Attempts are made between waits: the wait is what has a countdown.
    await untilState(page, 'retrying');
    const status = page.getByRole('status');
    await status.getByText('There is no file').waitFor();
    const countdown = status.getByText(/Next attempt in \d+ second/);
    await countdown.waitFor();
    const before = await countdown.textContent();
    await page.waitForFunction((text) => document.querySelector('framelock-player')?.shadowRoot?.querySelector('.status')?.textContent?.includes(text) === false, before ?? '', {
      polling: 50,
    });
    await untilWidth(page, 1280);

    await putAndTry(page, 'later.y4m', 320, 240);
    await untilState(page, 'live');
    await untilWidth(page, 320);
    assert.equal(await page.getByRole('button', { name: 'Try now' }).count(), 0);

    await rm(join(folder, 'later.y4m'));
    await page.waitForFunction(() => ['retrying', 'failed'].includes(document.querySelector('framelock-player')?.getAttribute('state') ?? ''), undefined, { timeout: 60_000, polling: 50 });
    await putAndTry(page, 'later.y4m', 640, 360);
    await untilState(page, 'live');
    await untilWidth(page, 640);
    assert.equal(await page.evaluate(() => (globalThis as { neverReloaded?: boolean }).neverReloaded), true);
    await page.close();
  });
});
