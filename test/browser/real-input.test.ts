import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Box } from '../../src/pipeline/annotation.ts';
import { iou } from '../../src/pipeline/track/iou.ts';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { messagesOf } from '../support/annotation-events.ts';
import { LiveServer } from '../support/live-server.ts';
import { SHARED_DATA, withoutSharedData } from '../support/shared-data.ts';
import { lookAtFrames, openPlayer, untilState, type DisplayedFrame } from '../support/watch-page.ts';

const VIDEO = join(SHARED_DATA, 'video');
/** Displayed frames on which something is seen. */
const SEEN = 80;
/** Sure boxes of the reference that are looked for. */
const COMPARED = 40;
/** A reference box that is surer than this has to be seen. */
const SURE = 0.6;

describe('real footage with real detectors in a browser', { skip: withoutSharedData }, () => {
  let server: LiveServer;
  let browser: Browser;
  before(async () => {
    server = await LiveServer.start({ env: { FRAMELOCK_MEDIA_ROOTS: SHARED_DATA, FRAMELOCK_MODELS_DIR: join(SHARED_DATA, 'models') } });
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  for (const [model, file, labels] of [
    ['yolox_nano_416', 'ahmetozlu_vehicles_352p_11s.mp4', ['car']],
    ['deimv2_hgnetv2_femto_coco', 'ahmetozlu_pedestrians_360p_8s.mp4', ['person']],
  ] as const) {
    test(`${model} boxes ${labels.join(', ')} of ${file}, on the frames that are shown`, async () => {
      const id = model.replaceAll('_', '-');
      await server.call('POST', '/api/streams', { id, source: join(VIDEO, file), detectors: [{ name: 'real', model }], deadlineMs: 1000 });
      await server.until<{ stats: { detectors: Record<string, { state: string }> } }>(id, ({ stats }) => stats.detectors['real']?.state === 'ready');
      const page = await openPlayer(browser, server.url, id);
      await untilState(page, 'live');
      const frames: DisplayedFrame[] = [];
      while (frames.filter(({ detections }) => detections > 0).length < SEEN) {
        assert.ok(frames.length < 4 * SEEN, `on ${frames.length} frames hardly anything is seen, or they have no message`);
        frames.push(...(await lookAtFrames(page, SEEN)));
      }
      for await (const { detections } of messagesOf(server, id)) if (detections.some(({ label }) => (labels as readonly string[]).includes(label))) break;
      await page.close();
      await server.call('DELETE', `/api/streams/${id}`);
    });
  }

  test('live boxes of DEIMv2 femto agree with its reference, frame by frame', async (t) => {
    const file = 'ahmetozlu_vehicles_352p_11s.mp4';
    const { frames, samples } = reference(file);
    await server.call('POST', '/api/streams', {
      id: 'reference',
      source: join(VIDEO, file),
      detectors: [{ name: 'femto', model: 'deimv2_hgnetv2_femto_coco', threshold: 0.3 }],
      deadlineMs: 2000,
    });
    await server.until<{ stats: { detectors: Record<string, { state: string }> } }>('reference', ({ stats }) => stats.detectors['femto']?.state === 'ready');
    // The file loops, so that a frame's number tells its place in the file.
    let asked = 0;
    let found = 0;
    for await (const message of messagesOf(server, 'reference')) {
      const sample = message.detectors['femto']?.age === 0 ? samples.find(({ frame }) => frame === message.seq % frames) : undefined;
      for (const [label, score, x1, y1, x2, y2] of sample?.dets ?? []) {
        if (score < SURE) continue;
        const box: Box = [x1 / message.width, y1 / message.height, (x2 - x1) / message.width, (y2 - y1) / message.height];
        asked += 1;
        if (message.detections.some((one) => one.label === label && iou(one.box, box) > 0.7)) found += 1;
      }
      if (asked >= COMPARED) break;
    }
    t.diagnostic(`${found} of ${asked} sure boxes`);
    assert.ok(found / asked >= 0.9, `${found} of ${asked}`);
  });
});

/** `[label, score, x1, y1, x2, y2]` in pixels, of every 15th frame or so. */
interface Reference {
  readonly frames: number;
  readonly samples: readonly { readonly frame: number; readonly dets: readonly [string, number, number, number, number, number][] }[];
}

function reference(file: string): Reference {
  const all = JSON.parse(readFileSync(join(SHARED_DATA, 'labels/reference/deimv2_femto.video.dets.json'), 'utf8')) as { videos: Record<string, Reference> };
  return all.videos[file]!;
}
