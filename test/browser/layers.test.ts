import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { DetectorWorker } from '../support/detector-worker.ts';
import { LiveServer } from '../support/live-server.ts';
import { FAKE_CAMERA, openPublishers } from '../support/publish-page.ts';
import { framesOf, keepFrames, labelOf, numberIn, showIn, sizedFrames } from '../support/sized-frames.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';
import { WhepPictures } from '../support/whep-pictures.ts';

/** Frames with their own result that are waited for in each size. */
const FRAMES = 6;
/** Milliseconds for what takes a busy machine its time. */
const PATIENCE_MS = 120_000;
/** Sizes of a player, and how many spatial layers it skips in them: also where the browser, too slow for the whole, sends three quarters of it. */
const [LARGE, MIDDLE, SMALL] = [
  { width: 1280, height: 720, skippedLayers: 0 },
  { width: 480, height: 270, skippedLayers: 1 },
  { width: 160, height: 90, skippedLayers: 2 },
] as const;

let server: LiveServer;
let browser: Browser;
before(async () => {
  server = await LiveServer.start();
  browser = await launchChromium({ args: FAKE_CAMERA, viewport: { width: 1300, height: 760 } });
});
after(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('a webcam in three sizes, of which each viewer gets the one that it shows: its boxes are those of the very frame all the while', { timeout: 600_000 }, async (t) => {
  await server.call('POST', '/api/detectors', { name: 'mine', endpoint: 'worker' });
  await server.call('POST', '/api/streams', { id: 'sizes', source: 'publish://', detectors: ['mine'], deadlineMs: 300 });
  using worker = await DetectorWorker.insist(server, { format: 'rgb', width: 320, height: 180 });
  /** Numbers of the frames that the detector got, by their RTP timestamps. */
  const numbers = new Map<number, number>();
  worker.on('frame', (frame) => {
    const number = numberIn(frame.picture, { width: frame.width, bytes: 3 });
    numbers.set(frame.rtp, number);
    worker.answer(frame, [{ label: labelOf(number), score: 1, box: [0.25, 0.25, 0.5, 0.5] }]);
  });
  await browser.context.addInitScript(keepSenders);
  const publisher = await openPublishers(browser, server.url, ['sizes'], { measure: true, layers: 'on' });
  await server.until<{ video?: unknown }>('sizes', ({ video }) => video !== undefined);
  // Every layer is wider than 16 pixels, so this is the smallest, whatever the publisher sends as yet.
  await using whep = await WhepPictures.open(server.url, 'sizes', 'clean&width=16', 'VP9');
  const pictures: { rtp: number; width: number; number: number }[] = [];
  whep.on('picture', ({ rtp, width, plane }) => pictures.push({ rtp, width, number: numberIn(plane, { width, bytes: 1 }) }));

  const player = await openPlayer(browser, server.url, 'sizes', 'clean');
  await untilState(player, 'live', PATIENCE_MS);
  await keepFrames(player);
  for (const size of [LARGE, SMALL, MIDDLE, LARGE]) {
    await showIn(player, size);
    await framesOf(player, size, FRAMES, PATIENCE_MS);
  }

  // As where the way to the server gets narrow: the browser sends less, and detectors get the largest of that.
  const whole = await fullWidth(player);
  await publisher.evaluate(limitSender, 250_000);
  await framesOf(player, { skippedLayers: 0, below: whole }, FRAMES, PATIENCE_MS);
  const narrow = await fullWidth(player);
  await publisher.evaluate(limitSender, 2_500_000);
  await framesOf(player, { skippedLayers: 0, above: narrow }, FRAMES, PATIENCE_MS);

  const frames = (await sizedFrames(player)).filter(({ label }) => label !== undefined);
  for (const { width, number, label } of frames) assert.equal(label, labelOf(number), `of a picture ${width} wide`);
  const widths = Object.entries(Object.groupBy(frames, ({ width }) => width)).map(([width, those]) => `${those!.length} of ${width} pixels`);
  t.diagnostic(`frames with their own result: ${widths.join(', ')}`);
  const known = pictures.filter(({ rtp }) => numbers.has(rtp));
  assert.ok(known.length >= FRAMES, `of ${pictures.length} pictures by WHEP, ${known.length} are known`);
  for (const { rtp, width, number } of known) assert.equal(number, numbers.get(rtp), `of a picture ${width} wide`);
  assert.ok(pictures.every(({ width }) => width <= 320), 'a WHEP player is sent more than it wants');
  await player.close();
  await publisher.close();
});

/** Width of the frame that detectors got last. */
async function fullWidth(player: Page): Promise<number> {
  return (await sizedFrames(player)).findLast(({ full }) => full !== undefined)!.full!;
}

/** Lets a page get at its own senders. */
function keepSenders(): void {
  const senders: RTCRtpSender[] = [];
  Object.assign(globalThis, { framelockSenders: senders });
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (...init) {
    const transceiver = addTransceiver.apply(this, init);
    senders.push(transceiver.sender);
    return transceiver;
  };
}

/** @param maxBitrate bits a second, all sizes together */
async function limitSender(maxBitrate: number): Promise<void> {
  const sender = (globalThis as unknown as { framelockSenders: RTCRtpSender[] }).framelockSenders.find(({ track }) => track?.kind === 'video')!;
  const parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.maxBitrate = maxBitrate;
  await sender.setParameters(parameters);
}
