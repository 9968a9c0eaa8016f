import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { launchChromium, type Browser } from '../support/chromium.ts';
import { COLORS } from '../support/drawn-frames.ts';
import { LiveServer } from '../support/live-server.ts';
import { numberClip } from '../support/numbered-clip.ts';
import { SHARED_DATA, withoutSharedData } from '../support/shared-data.ts';
import { checkWatched, NumberReader, startThreeDetectors, watchThroughCrash, type Clip, type Scene } from '../support/three-detectors.ts';
import { openPlayer, untilState } from '../support/watch-page.ts';

/** Milliseconds for one of these, on a machine that does other things too. */
const LIMIT_MS = 280_000;

const DEMO: Scene = { source: 'demo://street?seed=7&timecode=1&light=day&density=0.8', model: 'street-nano', vehicles: ['car', 'bus', 'truck'] };
/** Real footage, real weights. */
const FOOTAGE = join(SHARED_DATA, 'video/ahmetozlu_vehicles_352p_11s.mp4');
const MODEL = 'yolox_nano_416';

describe('three detectors of different speeds, of which one in Python is killed and comes back', () => {
  let folder: string;
  let server: LiveServer;
  let browser: Browser;
  let reader: NumberReader;
  let page: Page | undefined;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-three-'));
    const env = { FRAMELOCK_MEDIA_ROOTS: folder, ...(withoutSharedData === false ? { FRAMELOCK_MODELS_DIR: join(SHARED_DATA, 'models') } : {}) };
    server = await LiveServer.start({ env });
    browser = await launchChromium({ viewport: { width: 1300, height: 760 } });
    reader = new NumberReader(server);
  });
  beforeEach(() => reader.start());
  // The next one is to have the machine for itself, also where one has failed.
  afterEach(async () => {
    await reader.kill();
    await page?.close();
    for (const { id } of await server.call<{ id: string }[]>('GET', '/api/streams')) await server.call('DELETE', `/api/streams/${id}`);
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [way, variant, attributes] of [
    ['burned in', 'annotated', {}],
    ['drawn in the browser', 'clean', { unlabelled: '', measure: '' }],
  ] as const) {
    const look = async (t: TestContext, id: string, scene: Scene, clip?: Clip): Promise<void> => {
      await startThreeDetectors(server, id, scene);
      page = await openPlayer(browser, server.url, id, variant, { attributes });
      await untilState(page, 'live');
      checkWatched(t, await watchThroughCrash(page, reader, COLORS, variant === 'clean'), { told: 0.5, ...(clip === undefined ? {} : { clip }) });
    };

    test(`boxes ${way} stand on the frame that they were computed on, or say their true age`, { timeout: LIMIT_MS }, (t) => look(t, variant, DEMO));

    test(`boxes ${way} do so on real footage, with a real model`, { timeout: LIMIT_MS, skip: withoutSharedData }, async (t) => {
      const clip = await numberClip(FOOTAGE, join(folder, `${variant}.mp4`), { width: 1280, height: 720 });
      await look(t, `${variant}-real`, { source: clip.path, model: MODEL, vehicles: ['car', 'bus', 'truck', 'motorcycle'] }, clip);
    });
  }
});
