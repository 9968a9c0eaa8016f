import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { shapeColor } from '../../src/pipeline/analytics/shape-color.ts';
import { rgbOf } from '../../src/pipeline/compose/palette.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { LiveServer } from '../support/live-server.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

/** Milliseconds for what takes a busy machine its time. */
const PATIENCE_MS = 60_000;

const YARD = { name: 'Yard', points: [[0.1, 0.3], [0.4, 0.3], [0.4, 0.8], [0.1, 0.8]] };
const MOVED = { name: 'Yard', points: [[0.5, 0.3], [0.7, 0.3], [0.7, 0.8], [0.5, 0.8]] };
const GATE = { name: 'Gate', from: [0.9, 0.3], to: [0.9, 0.9] };

/** Colours of the overlay's pixels, by place in the picture. */
type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

describe('zones and lines that the browser draws', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ viewport: { width: 1300, height: 760 }, locale: 'en-GB' });
    await server.call('POST', '/api/streams', { id: 'yard', source: 'demo://street?seed=7&light=day&density=0', zones: [YARD], lines: [GATE] });
    await server.until<{ state: string }>('yard', ({ state }) => state === 'live');
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  async function open(attributes: Readonly<Record<string, string>> = {}): Promise<void> {
    page = await openPlayer(browser, server.url, 'yard', 'clean', { attributes });
    page.setDefaultTimeout(PATIENCE_MS);
    await untilState(page, 'live', PATIENCE_MS);
  }

  /** The overlay's pixels at places of the picture, as fractions of it. */
  const pixels = (places: readonly (readonly [number, number])[]): Promise<Pixel[]> =>
    page.evaluate((places) => {
      const overlay = document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')[1]!;
      const context = overlay.getContext('2d')!;
      return places.map(([x, y]) => [...context.getImageData(Math.round(x * overlay.width), Math.round(y * overlay.height), 1, 1).data] as unknown as Pixel);
    }, places);

  /** Resolves once the overlay is there at one place, and is not at another. */
  const until = (there: readonly [number, number], empty: readonly [number, number]): Promise<unknown> =>
    page.waitForFunction(([there, empty]) => {
      const overlay = document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')[1]!;
      if (overlay.width < 1000) return false;
      const alpha = ([x, y]: readonly [number, number]): number => overlay.getContext('2d')!.getImageData(Math.round(x * overlay.width), Math.round(y * overlay.height), 1, 1).data[3]!;
      return alpha(there) > 0 && alpha(empty) === 0;
    }, [there, empty] as const, { polling: 50 });

  test('have the server’s colours: an outline, a translucent inside, and an arrow to where `in` is', { timeout: 600_000 }, async () => {
    await open();
    await until([0.25, 0.55], [0.6, 0.55]);
    const [edge, inside, line, arrow, behind] = await pixels([[0.1, 0.6], [0.25, 0.55], [0.9, 0.8], [0.883, 0.6], [0.917, 0.6]]);
    assert.deepEqual(edge, [...rgbOf(shapeColor(0)), 255]);
    assert.ok(inside![3] > 30 && inside![3] < 90, `the inside is ${inside!.join()}`);
    assert.deepEqual(line, [...rgbOf(shapeColor(1)), 255]);
    assert.deepEqual(arrow, [...rgbOf(shapeColor(1)), 255]);
    assert.equal(behind![3], 0);
  });

  test('stand where the server draws them into the annotated variant', { timeout: 600_000 }, async () => {
    await open();
    await until([0.25, 0.55], [0.6, 0.55]);
    // Wide strokes only: a video has half as many samples of colour as of brightness.
    const places = [[0.9, 0.4], [0.9, 0.8], [0.883, 0.6], [0.888, 0.6]] as const;
    const drawn = await pixels(places);
    for (const [i, [x, y]] of places.entries()) assert.equal(drawn[i]![3], 255, `nothing is drawn at ${x}, ${y}`);
    await page.close();
    page = await openPlayer(browser, server.url, 'yard', 'annotated');
    await untilState(page, 'live', PATIENCE_MS);
    await page.waitForFunction(([places, drawn]) => {
      const { video } = document.querySelector('framelock-player') as unknown as { video: HTMLVideoElement };
      const context = new OffscreenCanvas(1280, 720).getContext('2d')!;
      context.drawImage(video, 0, 0, 1280, 720);
      return places.every(([x, y], i) => {
        const { data } = context.getImageData(Math.round(x * 1280), Math.round(y * 720), 1, 1);
        return drawn[i]!.slice(0, 3).every((value, channel) => Math.abs(data[channel]! - value) < 60);
      });
    }, [places, drawn] as const, { polling: 100, timeout: PATIENCE_MS });
  });

  test('follow the stream’s settings while it is watched, though their names stay', { timeout: 600_000 }, async () => {
    await open();
    await until([0.25, 0.55], [0.6, 0.55]);
    await server.call('PATCH', '/api/streams/yard', { zones: [MOVED] });
    await until([0.6, 0.55], [0.25, 0.55]);
    await server.call('PATCH', '/api/streams/yard', { zones: [YARD] });
    await until([0.25, 0.55], [0.6, 0.55]);
    await server.call('PATCH', '/api/streams/yard', { overlay: { zones: false } });
    await page.waitForFunction(() => {
      const overlay = document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')[1]!;
      return overlay.getContext('2d')!.getImageData(0, 0, overlay.width, overlay.height).data.every((value) => value === 0);
    }, undefined, { polling: 200 });
    await server.call('PATCH', '/api/streams/yard', { overlay: { zones: true } });
    await until([0.25, 0.55], [0.6, 0.55]);
  });

  test('are hidden by a viewer, and stay so at the next visit', { timeout: 600_000 }, async () => {
    await open({ controls: '' });
    await until([0.25, 0.55], [0.6, 0.55]);
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: yard' }).focus();
    await page.keyboard.press('o');
    await page.getByRole('checkbox', { name: 'Zones and lines' }).uncheck();
    const gone = (): Promise<unknown> =>
      page.waitForFunction(() => {
        const overlay = document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')[1]!;
        return !overlay.hidden && overlay.getContext('2d')!.getImageData(overlay.width / 4, overlay.height / 2, 1, 1).data[3] === 0;
      }, undefined, { polling: 50 });
    await gone();
    await page.reload();
    await untilState(page, 'live', PATIENCE_MS);
    await page.locator('framelock-player[without-zones]').waitFor();
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: yard' }).focus();
    await page.keyboard.press('o');
    const box = page.getByRole('checkbox', { name: 'Zones and lines' });
    assert.equal(await box.isChecked(), false);
    await gone();
    await box.check();
    await until([0.25, 0.55], [0.6, 0.55]);
  });
});
