import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import { labelColor, rgbOf } from '../../src/pipeline/compose/palette.ts';
import { iou } from '../../src/pipeline/track/iou.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { messagesOf } from '../support/annotation-events.ts';
import { LiveServer } from '../support/live-server.ts';
import { lookAtFrames, openPlayer, untilState, type DisplayedFrame } from '../support/watch-page.ts';

const LABELS = ['person', 'car', 'bus', 'truck', 'bicycle'];
const COLORS = Object.fromEntries(LABELS.map((label) => [label, rgbOf(labelColor(label))]));
/** Frames that are compared with their message. */
const FRAMES = 300;
/** Frames looked at after which there must have been enough to compare. */
const MOST = 1500;

describe('frame lock', () => {
  let server: LiveServer;
  let browser: Browser;
  before(async () => {
    server = await LiveServer.start();
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
    await server.call('POST', '/api/streams', {
      id: 'lock',
      source: 'demo://street?seed=7&timecode=1&light=day&density=0.8',
      // Without labels and their plates, only the boxes themselves have their colours.
      overlay: { labels: false },
      deadlineMs: 1000,
    });
    await server.until<{ stats: { detectors: Record<string, { state: string }> } }>('lock', ({ stats }) => stats.detectors['street-nano']?.state === 'ready');
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('picture, RTP timestamp, message and boxes of every displayed frame belong to one frame', async (t) => {
    const page = await openPlayer(browser, server.url, 'lock');
    await untilState(page, 'live');
    const frames: DisplayedFrame[] = [];
    // Messages are not sent again where one is lost, and a slow machine detects on few frames: it is looked on until there are enough.
    const told = (): DisplayedFrame[] => frames.filter(({ messageSeq }) => messageSeq !== undefined);
    const exact = (): DisplayedFrame[] => frames.filter(({ ages }) => ages['street-nano'] === 0);
    const offsets = (): number[] => frames.flatMap(({ boxOffset }) => boxOffset ?? []);
    const found = (): string => `of ${frames.length} frames, ${told().length} had their message, ${exact().length} their own result, in ${offsets().length} boxes moved enough to tell`;
    while (told().length < FRAMES || exact().length <= FRAMES / 10 || offsets().length <= FRAMES / 10) {
      assert.ok(frames.length < MOST, found());
      frames.push(...(await lookAtFrames(page, FRAMES, COLORS)));
    }
    for (const frame of frames) assert.notEqual(frame.pictureSeq, undefined, `the time code of ${frame.rtp} can’t be read`);
    for (const frame of told()) {
      assert.equal(frame.messageSeq, frame.pictureSeq, 'the message is about another frame than the picture');
      assert.equal(Math.floor(frame.messageCapturedAt!), frame.pictureCapturedAt);
      assert.equal(Math.round(frame.messageCapturedAt! * 90) % 2 ** 32, frame.rtp);
    }
    t.diagnostic(`${found()}, off by ${[...new Set(offsets())].join()}; ${frames.at(-1)!.presented - frames[0]!.presented + 1} were displayed`);
    assert.deepEqual([...new Set(offsets())], [0], 'burned-in boxes are those of another frame');
    await page.close();
  });

  test('the boxes of a frame fit the truth of that frame better than that of any neighbour', async (t) => {
    const offsets = [-3, -2, -1, 0, 1, 2, 3];
    const sums = offsets.map(() => 0);
    let compared = 0;
    const ready: AnnotationMessage[] = [];
    for await (const message of messagesOf(server, 'lock')) {
      if (message.detectors['street-nano']?.age === 0) ready.push(message);
      // The truth of the frames behind it has to exist.
      if (ready[0] === undefined || message.seq - ready[0].seq < 3) continue;
      const { seq, detections } = ready.shift()!;
      const truths = await Promise.all(offsets.map((offset) => server.call<AnnotationMessage>('GET', `/api/streams/lock/truth?seq=${seq + offset}`)));
      for (const { label, box } of detections) {
        const own = truths[3]!.detections.find((one) => one.label === label && iou(one.box, box) > 0.5);
        const boxes = truths.map((truth) => truth.detections.find(({ track }) => track === own?.track)?.box);
        // What hardly moves fits the truth of all of them.
        if (!boxes.every((one) => one !== undefined) || iou(boxes[0]!, boxes[6]!) > 0.8) continue;
        for (const [index, one] of boxes.entries()) sums[index]! += iou(one, box);
        compared += 1;
      }
      if (compared >= 400) break;
    }
    const fits = sums.map((sum) => sum / compared);
    t.diagnostic(`mean overlap with the truth of the frames ${offsets.join()}: ${fits.map((fit) => fit.toFixed(3)).join()}`);
    const own = fits[3]!;
    assert.ok(own > 0.6 && own > Math.max(...fits) - 0.02, fits.join());
    assert.ok(own > Math.max(fits[0]!, fits[6]!) + 0.02, fits.join());
  });
});
