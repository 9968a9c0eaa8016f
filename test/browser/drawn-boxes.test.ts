import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { COLORS, lookAtDrawn, type FoundFrame } from '../support/drawn-frames.ts';
import { LiveServer } from '../support/live-server.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

/** Frames with their own message that are looked at one by one. */
const FRAMES = 300;
/** Frames looked at after which there must have been enough of those that are meant. */
const MOST = 1500;
/** Of each twenty messages, so many in a row do not come where they are to be lost; see `loseMessages`. */
const LOST_OF_20 = 6;
/** Milliseconds for what takes a busy machine its time. */
const PATIENCE_MS = 120_000;

interface Player extends HTMLElement {
  readonly drawnBoxes: readonly { readonly detection: { readonly label: string; readonly detector: string; readonly score: number; readonly track?: number }; readonly rect: { left: number; top: number; right: number; bottom: number } }[];
  readonly video: HTMLVideoElement;
  readonly figures: { readonly fps: number; readonly bitrate?: number };
  readonly lock: { readonly offset?: { readonly p50: number; readonly p95: number }; readonly by: string; readonly frames: number };
  boxes: string;
  trails: boolean;
}

describe('boxes that the browser draws', () => {
  let server: LiveServer;
  let browser: Browser;
  let page: Page;
  /** What pages complained about. */
  let complaints: string[];
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ viewport: { width: 1300, height: 760 }, locale: 'en-GB' });
    await server.call('POST', '/api/streams', { id: 'lock', source: 'demo://street?seed=7&timecode=1&light=day&density=0.4', deadlineMs: 1000 });
    await server.until<{ stats: { detectors: Record<string, { state: string }> } }>('lock', ({ stats }) => stats.detectors['street-nano']?.state === 'ready');
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  /** A foreign page with one player of the clean variant, which draws when this resolves. @param drawn false where it is not to draw */
  async function open(attributes: Readonly<Record<string, string>> = {}, { drawn = true, init }: { drawn?: boolean; init?: () => void } = {}): Promise<void> {
    complaints = [];
    page = await openPlayer(browser, server.url, 'lock', 'clean', { attributes, ...(init === undefined ? {} : { init }) });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => complaints.push(String(error)));
    await untilState(page, 'live', PATIENCE_MS);
    if (drawn) await drawnFrames(3);
  }

  /** Resolves after so many further frames that were drawn upon. */
  function drawnFrames(count: number): Promise<void> {
    return page.evaluate(
      (count) =>
        new Promise((resolve) => {
          let left = count;
          document.querySelector('framelock-player')!.addEventListener('framelock-drawn', () => --left === 0 && resolve());
        }),
      count,
    );
  }

  /** Looks at further frames until so many of them are as meant: a slow machine shows fewer of each kind. */
  async function lookUntil(meant: (frames: readonly FoundFrame[]) => number, count: number): Promise<FoundFrame[]> {
    const frames: FoundFrame[] = [];
    while (meant(frames) < count) {
      assert.ok(frames.length < MOST, `of ${frames.length} drawings, only ${meant(frames)} are as meant`);
      frames.push(...(await lookAtDrawn(page, 180)));
    }
    return frames;
  }

  /** Resolves when no frame comes any more: a paused picture is that which the decoder had last. */
  async function lastDrawing(): Promise<void> {
    await page.waitForFunction(() => {
      const { video, figures } = document.querySelector('framelock-player') as Player;
      return video.paused && figures.bitrate === 0 && figures.fps === 0;
    });
  }

  const boxes = (): Promise<Player['drawnBoxes']> => page.evaluate(() => (document.querySelector('framelock-player') as Player).drawnBoxes);
  const until = (wanted: (player: Player) => boolean): Promise<unknown> =>
    page.waitForFunction(`(${wanted.toString()})(document.querySelector('framelock-player'))`, undefined, { polling: 50 });
  const details = () => page.locator('framelock-player .details');

  test('are those of the very frame in the picture, by its time code, by what the player says, and by the pixels', { timeout: 600_000 }, async (t) => {
    await open({ unlabelled: '', measure: '' });
    const exactOf = (frames: readonly FoundFrame[]): FoundFrame[] => frames.filter(({ kind }) => kind === 'exact');
    const offsetsOf = (frames: readonly FoundFrame[]): number[] => exactOf(frames).flatMap(({ boxOffset }) => boxOffset ?? []);
    // Enough of both: of their own message, and of what moves enough to tell.
    const frames = await lookUntil((frames) => Math.min(exactOf(frames).length, offsetsOf(frames).length * 15), FRAMES);
    const [exact, offsets] = [exactOf(frames), offsetsOf(frames)];
    t.diagnostic(`${exact.length} of ${frames.length} drawings with the frame’s own message, ${frames.filter(({ heldMs }) => heldMs > 5).length} waited for it`);
    for (const { seq, pictureSeq, saidPictureSeq } of exact) assert.deepEqual([seq, saidPictureSeq], [pictureSeq, pictureSeq]);
    for (const { kind, ages } of frames) if (kind === 'moved') assert.ok(Object.values(ages).every((age) => age > 0), 'moved boxes without their age');
    t.diagnostic(`boxes moved enough to tell in ${offsets.length} frames; off by ${[...new Set(offsets)].join()}`);
    assert.deepEqual([...new Set(offsets)], [0]);
    const { offset, by } = await page.evaluate(() => (document.querySelector('framelock-player') as Player).lock);
    assert.deepEqual({ offset, by }, { offset: { p50: 0, p95: 0 }, by: 'timecode' });
    assert.deepEqual(complaints, []);
  });

  test('are on screen together with their picture', { timeout: 600_000 }, async (t) => {
    await open({ unlabelled: '' });
    const messages = await page.evaluateHandle(() => {
      const messages: Record<number, { label: string; box: number[] }[]> = {};
      document.querySelector('framelock-player')!.addEventListener('framelock-drawn', (event) => {
        const { rtp, seq, kind, ages } = (event as CustomEvent).detail;
        // What a detector has carried on is dashed.
        if (kind === 'exact' && Object.values(ages).every((age) => age === 0)) messages[seq] = (document.querySelector('framelock-player') as unknown as { annotationFor(rtp: number): { detections: [] } }).annotationFor(rtp).detections;
      });
      return messages;
    });
    const shares: number[] = [];
    while (shares.length < 8) {
      const { data, info } = await sharp(await page.locator('framelock-player').screenshot()).removeAlpha().raw().toBuffer({ resolveWithObject: true });
      const at = (x: number, y: number): readonly number[] => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
      let seq = 0;
      for (let bit = 0; bit < 32; bit++) if (at(bit * 16 + 8, 8)[1]! > 127) seq += 2 ** bit;
      await drawnFrames(1);
      const known = await messages.jsonValue();
      if (known[seq] === undefined) continue;
      const share = hits(known[seq]!, info, at);
      shares.push(share);
      assert.ok(share > 0.8, `${Math.round(share * 100)} % of the edges of the boxes of ${seq} are where its picture is`);
    }
    t.diagnostic(`share of the edges of boxes that are where their picture is: ${shares.map((share) => share.toFixed(2)).join(', ')}`);
  });

  test('stand on the picture at any size and pixel ratio', { timeout: 600_000 }, async () => {
    await open({ unlabelled: '' });
    const sharper = await page.context().newCDPSession(page);
    for (const [width, height, ratio] of [[640, 640, 1], [300, 700, 2], [1280, 500, 1.5]] as const) {
      await sharper.send('Emulation.setDeviceMetricsOverride', { width: 1300, height: 760, deviceScaleFactor: ratio, mobile: false });
      await page.locator('framelock-player').evaluate((player, [width, height]) => Object.assign(player.style, { width: `${width}px`, height: `${height}px` }), [width, height]);
      await page.waitForFunction(([width, height]) => {
        const overlay = document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')[1]!;
        return overlay.width === width && overlay.height === height;
      }, [Math.round(width * ratio), Math.round(height * ratio)]);
      const look = () => page.evaluate(() => {
        const player = document.querySelector('framelock-player') as Player;
        const overlay = player.shadowRoot!.querySelectorAll('canvas')[1]!;
        const context = overlay.getContext('2d')!;
        const scale = Math.min(overlay.width / 1280, overlay.height / 720);
        const [left, top] = [(overlay.width - 1280 * scale) / 2, (overlay.height - 720 * scale) / 2];
        const painted = context.getImageData(0, 0, overlay.width, overlay.height).data;
        const alpha = (x: number, y: number): number => painted[(Math.round(y) * overlay.width + Math.round(x)) * 4 + 3]!;
        let outside = 0;
        for (let y = 0; y < overlay.height; y += 2) for (let x = 0; x < overlay.width; x += 2) if ((x < left - 1 || y < top - 1 || x > left + 1280 * scale + 1 || y > top + 720 * scale + 1) && alpha(x, y) > 0) outside += 1;
        const corners = player.drawnBoxes.map(({ detection, rect }) => {
          const [x, y] = (detection as unknown as { box: number[] }).box as [number, number];
          return Math.hypot(left + Math.max(0, x) * 1280 * scale - (left + rect.left), top + Math.max(0, y) * 720 * scale - (top + rect.top));
        });
        const inked = player.drawnBoxes.filter(({ rect }) => [0, 1, 2].some((step) => alpha(Math.floor(left) + rect.left + step, Math.floor(top) + rect.top + step) > 100));
        return { outside, corners, inked: inked.length };
      });
      let found = await look();
      while (found.corners.length === 0) {
        await drawnFrames(1);
        found = await look();
      }
      assert.equal(found.outside, 0, 'something is drawn beside the picture');
      assert.ok(Math.max(...found.corners) <= 3, found.corners.join());
      assert.equal(found.inked, found.corners.length);
    }
  });

  test('are moved by their tracks, with their age, on frames whose message is lost, and never another frame’s', { timeout: 600_000 }, async (t) => {
    await open({ measure: '', unlabelled: '' }, { init: loseMessages });
    // Before the first message that came there is nothing to move.
    const known = (all: readonly FoundFrame[]): FoundFrame[] => all.slice(all.findIndex(({ kind }) => kind === 'exact'));
    const isLost = ({ pictureSeq }: FoundFrame): boolean => pictureSeq % 20 < LOST_OF_20;
    const frames = known(await lookUntil((all) => known(all).filter(isLost).length, 12));
    const lost = new Set(await page.evaluate(() => (globalThis as unknown as { lost: number[] }).lost));
    const without = frames.filter(({ pictureSeq }) => lost.has(pictureSeq));
    t.diagnostic(`${without.length} of ${frames.length} frames without their message`);
    assert.ok(without.length > 0);
    for (const { kind, ages } of without) {
      assert.equal(kind, 'moved');
      assert.ok(ages['street-nano']! >= 1);
    }
    for (const { kind, seq, pictureSeq } of frames) if (kind === 'exact') assert.equal(seq, pictureSeq);
  });

  test('are what a viewer chooses, now and at the next visit', { timeout: 600_000 }, async () => {
    await open({ controls: '' });
    await until((player) => new Set(player.drawnBoxes.map(({ detection }) => detection.label)).size > 1);
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.evaluate(() => {
      document.querySelector('framelock-player')!.addEventListener('framelock-boxes', (event) => (document.body.dataset['chosen'] = JSON.stringify((event as CustomEvent).detail)));
    });
    await page.keyboard.press('o');
    await page.getByRole('checkbox', { name: 'person' }).uncheck();
    await until((player) => player.drawnBoxes.length > 0 && player.drawnBoxes.every(({ detection }) => detection.label !== 'person'));
    await page.getByRole('checkbox', { name: 'Trails' }).check();
    await page.getByRole('slider', { name: /confidence/ }).fill('60');
    await until((player) => player.drawnBoxes.every(({ detection }) => detection.score >= 0.6));
    const chosen = JSON.parse((await page.evaluate(() => document.body.dataset['chosen']))!) as unknown;
    assert.deepEqual(chosen, { hiddenDetectors: [], hiddenLabels: ['person'], unlabelled: false, trails: true, withoutZones: false, threshold: 0.6, boxes: 'drawn' });
    await page.reload();
    await untilState(page, 'live', PATIENCE_MS);
    await drawnFrames(3);
    assert.ok((await boxes()).every(({ detection: { label, score } }) => label !== 'person' && score >= 0.6));
    assert.equal(await page.evaluate(() => (document.querySelector('framelock-player') as Player).trails), true);
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.keyboard.press('o');
    await page.getByRole('checkbox', { name: 'street-nano' }).uncheck();
    await until((player) => player.drawnBoxes.length === 0);
  });

  test('follow what the page’s own attributes say, before what was chosen earlier', { timeout: 600_000 }, async () => {
    await open({ 'hidden-labels': 'person, car', threshold: '0.5' }, { init: () => localStorage.setItem('framelock-boxes', '{"hiddenLabels":["truck"],"threshold":0,"trails":true}') });
    await drawnFrames(5);
    assert.ok((await boxes()).every(({ detection: { label, score } }) => label !== 'person' && label !== 'car' && score >= 0.5));
    assert.equal(await page.evaluate(() => (document.querySelector('framelock-player') as Player).trails), true);
  });

  test('say what they are to who points at one, taps it, or goes to it by the keyboard', { timeout: 600_000 }, async () => {
    await open({ controls: '' });
    // What moves leaves the pointer behind: on a paused picture, everything stays. It has a box to point at, above the bar at its lower edge.
    await page.keyboard.press('Tab');
    let target: { x: number; y: number; track: number; label: string } | undefined;
    while (target === undefined) {
      await drawnFrames(3);
      await page.keyboard.press('k');
      await lastDrawing();
      target = await page.evaluate(() => {
        const player = document.querySelector('framelock-player') as Player;
        const { left, top, height } = player.getBoundingClientRect();
        // The smallest one is drawn last, and nothing lies over it.
        const places = player.drawnBoxes.map(({ rect, detection }) => ({ ...rect, x: left + (rect.left + rect.right) / 2, y: top + (rect.top + rect.bottom) / 2, track: detection.track!, label: detection.label }));
        const covers = (x: number, y: number) => (over: (typeof places)[number]) => x >= left + over.left && x <= left + over.right && y >= top + over.top && y <= top + over.bottom;
        return places.findLast(({ x, y, track }, i) => track !== undefined && y < top + height * 0.8 && !places.slice(i + 1).some(covers(x, y)));
      });
      if (target === undefined) await page.keyboard.press('k');
    }
    await page.mouse.move(target.x, target.y);
    await details().filter({ hasText: String(target.track) }).waitFor();
    // The message of the very last frame may no longer come, so that its boxes are those of one before.
    for (const text of [target.label, 'street-nano', /this frame|\d frames?/, 'px', '%']) await details().filter({ hasText: text }).waitFor();
    await page.mouse.move(2, 2);
    await details().waitFor({ state: 'detached' });
    await page.mouse.click(target.x, target.y);
    await page.mouse.move(2, 2);
    await details().filter({ hasText: String(target.track) }).waitFor();
    await page.mouse.click(target.x, target.y);
    await page.mouse.move(2, 2);
    await details().waitFor({ state: 'detached' });

    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.keyboard.press('o');
    const entry = page.getByRole('button', { name: `${target.label} ${target.track}`, exact: false }).first();
    await entry.focus();
    await page.keyboard.press('Enter');
    await details().filter({ hasText: String(target.track) }).waitFor();
    await entry.and(page.locator('[aria-pressed=true]')).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Boxes' }).waitFor({ state: 'detached' });
    await details().waitFor({ state: 'detached' });
  });

  test('are told to screen readers seldom, and pass axe in both languages', { timeout: 600_000 }, async () => {
    await open({ controls: '' });
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.keyboard.press('o');
    await page.locator('framelock-player .said').filter({ hasText: /\w+: \d/ }).waitFor({ state: 'attached' });
    const changes = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let [changes, left] = [0, 40];
          const player = document.querySelector('framelock-player')!;
          const started = performance.now();
          new MutationObserver(() => (changes += 1)).observe(player.shadowRoot!.querySelector('.said')!, { characterData: true, childList: true, subtree: true });
          player.addEventListener('framelock-drawn', () => {
            left -= 1;
            if (left <= 0) resolve(changes / Math.max(1, (performance.now() - started) / 8000));
          });
        }),
    );
    assert.ok(changes <= 2, `${changes} announcements in 8 s`);
    for (const language of ['en', 'zh-CN']) {
      await page.evaluate((language) => Object.assign(document.documentElement, { lang: language, title: 'Player' }), language);
      await page.locator('framelock-player').evaluate((player, language) => player.setAttribute('lang', language), language);
      await page.getByRole('dialog', { name: language === 'en' ? 'Boxes' : '检测框' }).waitFor();
      const { violations } = await new AxeBuilder({ page }).include('framelock-player').setLegacyMode().options({ resultTypes: ['violations'] }).analyze();
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`), []);
    }
  });

  test('are burned in by the server where the browser does not tell which frame it shows, and the panel says so', { timeout: 600_000 }, async () => {
    await open({ controls: '' }, { drawn: false, init: hideTimestamps });
    await page.locator('framelock-player[boxes=burned-in]').waitFor();
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.keyboard.press('o');
    await page.getByText('does not tell which frame it shows').waitFor();
    assert.equal(await page.getByRole('radio', { name: 'drawn on this page' }).isDisabled(), true);
    await page.waitForFunction((colors) => {
      const { video } = document.querySelector('framelock-player') as unknown as { video: HTMLVideoElement };
      const context = new OffscreenCanvas(1280, 720).getContext('2d')!;
      context.drawImage(video, 0, 0, 1280, 720);
      const { data } = context.getImageData(0, 40, 1280, 680);
      let hits = 0;
      for (let at = 0; at < data.length; at += 4) if (colors.some(([r, g, b]) => Math.abs(data[at]! - r) + Math.abs(data[at + 1]! - g) + Math.abs(data[at + 2]! - b) < 40)) hits += 1;
      return hits > 2000;
    }, Object.values(COLORS));
    assert.equal(await page.evaluate(() => [...document.querySelector('framelock-player')!.shadowRoot!.querySelectorAll('canvas')].slice(0, 2).every(({ hidden }) => hidden)), true);
  });

  test('go away and come back by B, and nothing is drawn with `plain`', { timeout: 600_000 }, async () => {
    await open({ controls: '' });
    await page.locator('framelock-player').getByRole('group', { name: 'Live video: lock' }).focus();
    await page.keyboard.press('b');
    await page.locator('framelock-player[boxes=none][plain]').waitFor();
    assert.equal((await boxes()).length, 0);
    await page.keyboard.press('b');
    await page.locator('framelock-player[boxes=drawn]').waitFor();
    await drawnFrames(3);
  });
});

/** The share of points on the upper and left edges of boxes that have the label's colour on screen. */
function hits(detections: readonly { label: string; box: number[] }[], { width, height }: { width: number; height: number }, at: (x: number, y: number) => readonly number[]): number {
  let [points, found] = [0, 0];
  for (const { label, box } of detections) {
    const color = COLORS[label];
    const [x = 0, y = 0, , h = 0] = box;
    if (color === undefined || h * height < 40) continue;
    for (let i = 1; i < 16; i++) {
      const left = Math.max(0, Math.round(x * width) & ~1);
      const down = Math.round((y + (h * i) / 16) * height);
      if (left >= width || down >= height) continue;
      points += 1;
      if (at(left, down).every((value, channel) => Math.abs(value - color[channel]!) < 30)) found += 1;
    }
  }
  return points === 0 ? 1 : found / points;
}

/** In the page: of each twenty messages, six in a row do not come. A picture that lacks its own alone gives way to the next one, which has it. */
function loseMessages(): void {
  // They come as text to a browser that can't unpack.
  Reflect.deleteProperty(globalThis, 'DecompressionStream');
  const lost: number[] = [];
  Object.assign(globalThis, { lost });
  const listen = EventTarget.prototype.addEventListener;
  RTCDataChannel.prototype.addEventListener = function (this: RTCDataChannel, type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void {
    if (type !== 'message' || typeof listener !== 'function') return listen.call(this, type, listener, options);
    listen.call(this, type, (event) => {
      const { seq } = JSON.parse(String((event as MessageEvent).data)) as { seq: number };
      if (seq % 20 < 6) lost.push(seq);
      else listener(event);
    });
  };
}

/** In the page: as in browsers that don't have the field. */
function hideTimestamps(): void {
  const request = HTMLVideoElement.prototype.requestVideoFrameCallback;
  HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
    return request.call(this, (at, { rtpTimestamp: _hidden, ...metadata }) => callback(at, metadata));
  };
}
