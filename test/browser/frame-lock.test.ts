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
/** Consecutive frames that are looked at. */
const FRAMES = 300;
const ATTEMPTS = 4;

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

  test('picture, RTP timestamp, message and boxes of every displayed frame belong to one frame', async () => {
    const page = await openPlayer(browser, server.url, 'lock');
    await untilState(page, 'live');
    // The first frames are looked at too, but only to let the messages begin.
    await lookAtFrames(page, 30);
    let frames: DisplayedFrame[] = [];
    // Messages are sent once and may be lost, unlike frames; a run without a loss is looked for. A wrong message fails at once.
    for (let attempt = 0; frames.length < FRAMES && attempt < ATTEMPTS; attempt++) {
      const seen = await lookAtFrames(page, FRAMES + 50, COLORS);
      for (const frame of seen) {
        assert.notEqual(frame.pictureSeq, undefined, `the time code of ${frame.rtp} can’t be read`);
        if (frame.messageSeq === undefined) continue;
        assert.equal(frame.messageSeq, frame.pictureSeq, 'the message is about another frame than the picture');
        assert.equal(Math.floor(frame.messageCapturedAt!), frame.pictureCapturedAt);
        assert.equal(Math.round(frame.messageCapturedAt! * 90) % 2 ** 32, frame.rtp);
      }
      frames = longestRun(seen, ({ messageSeq }) => messageSeq !== undefined);
    }
    assert.ok(frames.length >= FRAMES, `only ${frames.length} consecutive frames had their message`);
    const exact = frames.filter(({ ages }) => ages['street-nano'] === 0);
    assert.ok(exact.length > frames.length * 0.9, `only ${exact.length} of ${frames.length} frames had their own result`);
    const told = frames.flatMap(({ boxOffset }) => (boxOffset === undefined ? [] : [boxOffset]));
    assert.ok(told.length > FRAMES / 4, `boxes moved enough to tell in ${told.length} frames only`);
    assert.deepEqual([...new Set(told)], [0], 'burned-in boxes are those of another frame');
    await page.close();
  });

  test('the boxes of a frame fit the truth of that frame better than that of any neighbour', async () => {
    const exact: AnnotationMessage[] = [];
    for await (const message of messagesOf(server, 'lock')) {
      if (message.detectors['street-nano']?.age === 0 && message.detections.length > 0) exact.push(message);
      if (exact.length >= 50) break;
    }
    const fit = async (offset: number): Promise<number> => {
      let sum = 0;
      let count = 0;
      for (const { seq, detections } of exact.slice(10, 40)) {
        const truth = await server.call<AnnotationMessage>('GET', `/api/streams/lock/truth?seq=${seq + offset}`);
        for (const { label, box } of detections) {
          sum += Math.max(0, ...truth.detections.filter((one) => one.label === label).map((one) => iou(one.box, box)));
          count += 1;
        }
      }
      return sum / count;
    };
    const fits = await Promise.all([-3, -2, -1, 0, 1, 2, 3].map(async (offset) => ({ offset, fit: await fit(offset) })));
    const best = fits.toSorted((a, b) => b.fit - a.fit)[0]!;
    assert.equal(best.offset, 0, JSON.stringify(fits));
    assert.ok(best.fit > 0.6, JSON.stringify(fits));
  });
});

function longestRun<T>(items: readonly T[], belongs: (item: T) => boolean): T[] {
  let best: T[] = [];
  let run: T[] = [];
  for (const item of items) {
    run = belongs(item) ? [...run, item] : [];
    if (run.length > best.length) best = run;
  }
  return best;
}
