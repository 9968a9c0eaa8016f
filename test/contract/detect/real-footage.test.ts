import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Decoder, Demuxer } from 'node-av/api';
import type { Detection } from '../../../src/pipeline/annotation.ts';
import { ModelStore } from '../../../src/models/index.ts';
import { wrapFrame } from '../../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { averagePrecision } from '../../support/coco-ap.ts';
import { DetectorHarness, untilState } from '../../support/detector-harness.ts';
import { SHARED_DATA, withoutSharedData } from '../../support/shared-data.ts';

/** What DEIMv2-femto sees, by the reference implementation: `[label, score, x1, y1, x2, y2]` in pixels. */
type Sample = { readonly frame: number; readonly dets: readonly [string, number, number, number, number, number][] };

const SAMPLES = 5;
/** Score from which a box of the reference is sure enough to be asked of us. */
const SURE = 0.5;

describe('frames of real footage', { skip: withoutSharedData }, () => {
  for (const clip of ['intel_person-bicycle-car_432p_38s_trimmed.mp4', 'ahmetozlu_vehicles_352p_11s.mp4', 'ahmetozlu_pedestrians_360p_8s.mp4', 'degirum_trafficHD_1080p_0.7s.mp4']) {
    test(`of ${clip} are seen by the real process as the reference sees them`, async (t) => {
      const samples = (await readSamples(clip)).slice(0, SAMPLES);
      const harness = await DetectorHarness.create(t);
      await harness.start();
      const store = new ModelStore({ bundledDir: join(import.meta.dirname, '../../../models'), dataDir: harness.folder, extraDir: join(SHARED_DATA, 'models') });
      const link = harness.link({ name: 'everything', model: await store.resolve('deimv2-femto'), threshold: 0.3 });
      await untilState(link, 'ready');
      let [asked, found] = [0, 0];
      for await (const [index, picture] of picturesOf(join(SHARED_DATA, 'video', clip), samples.at(-1)!.frame)) {
        const sample = samples.find(({ frame }) => frame === index);
        if (sample !== undefined) {
          const outcome = await harness.see(link, picture);
          assert.ok(outcome.status === 'done');
          const sure = sample.dets.filter(([, score]) => score >= SURE);
          asked += sure.length;
          found += sure.filter((one) => seen(one, outcome.detections, picture)).length;
        }
        picture.release();
      }
      t.diagnostic(`${found} of ${asked} sure boxes`);
      assert.ok(asked >= SAMPLES && found / asked >= 0.9);
    });
  }
});

async function readSamples(clip: string): Promise<Sample[]> {
  const all = JSON.parse(await readFile(join(SHARED_DATA, 'labels/reference/deimv2_femto.video.dets.json'), 'utf8')) as { videos: Record<string, { samples: Sample[] }> };
  return all.videos[clip]!.samples;
}

/** The first frames of a file, numbered from 0. */
async function* picturesOf(path: string, last: number): AsyncGenerator<[index: number, picture: Picture]> {
  await using input = await Demuxer.open(path);
  const stream = input.video()!;
  using decoder = await Decoder.create(stream);
  let index = 0;
  for await (const frame of decoder.frames(input.packets(stream.index))) {
    if (frame === null) break;
    yield [index, wrapFrame(frame)];
    if (index === last) return;
    index += 1;
  }
}

/** Whether one of our boxes has the same label and an IoU above one half. */
function seen([label, , x1, y1, x2, y2]: Sample['dets'][number], detections: readonly Detection[], { width, height }: Picture): boolean {
  const truth = { image_id: 0, category_id: 0, bbox: [x1, y1, x2 - x1, y2 - y1] as const };
  const ours = detections.filter((one) => one.label === label).map(({ score, box: [x, y, w, h] }) => ({ image_id: 0, category_id: 0, score, bbox: [x * width, y * height, w * width, h * height] as const }));
  return averagePrecision([truth], ours).ap50 > 0;
}
