import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { InputScaler } from '../../../src/pipeline/detect/input-scaler.ts';
import { ModelRunner } from '../../../src/pipeline/detect/model-runner.ts';
import { ModelStore } from '../../../src/models/index.ts';
import { averagePrecision, type CocoResult } from '../../support/coco-ap.ts';
import { readCoco, readReference, seenBy, type CocoSet } from '../../support/coco-data.ts';
import { SHARED_DATA, withoutSharedData } from '../../support/shared-data.ts';

/**
 * Real models on labelled images, from the decoded picture to boxes, against what reference implementations saw on the same images.
 * `npm run bench -- accuracy` does the same with all images.
 */
const MODELS = ['yolox_nano_416', 'deimv2_hgnetv2_femto_coco', 'deimv2_hgnetv2_atto_coco', 'nanodet_m_416', 'picodet_s_320_coco', 'FastestDet_352'];
/** Score from which the reference was kept. */
const REFERENCE_SCORE = 0.2;

describe('a model whose manifest is inferred from its file', { skip: withoutSharedData }, () => {
  let folder: string;
  let set: CocoSet;
  let store: ModelStore;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-accuracy-'));
    set = await readCoco(5);
    store = new ModelStore({ bundledDir: join(import.meta.dirname, '../../../models'), dataDir: folder, extraDir: join(SHARED_DATA, 'models') });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const name of MODELS) {
    test(`${name} is as precise as its reference, and sees the same`, async (t) => {
      const model = await store.resolve(name);
      const runner = await ModelRunner.load(model, { threads: 2, providers: ['cpu'] });
      const scaler = new InputScaler();
      const ours: CocoResult[] = [];
      for (const image of set.images) ours.push(...(await seenBy(runner, scaler, model.manifest, image, set, REFERENCE_SCORE)));
      scaler.close();
      await runner.release();
      const images = new Set(set.images.map(({ id }) => id));
      const reference = (await readReference(name)).filter(({ image_id }) => images.has(image_id));
      const [mine, theirs] = [averagePrecision(set.annotations, ours), averagePrecision(set.annotations, reference)];
      const { found, total } = agreement(reference.filter(({ score }) => score >= 0.5), ours);
      t.diagnostic(`AP ${mine.ap.toFixed(1)}, reference ${theirs.ap.toFixed(1)}; ${found} of the ${total} sure boxes of the reference are seen`);
      // On so few images one object more or less is worth half a point.
      assert.ok(mine.ap > theirs.ap - 2);
      assert.ok(total > 50 && found / total > 0.97);
    });
  }
});

/** How many of the reference's boxes have one of ours with the same class and an IoU above one half. */
function agreement(reference: readonly CocoResult[], ours: readonly CocoResult[]): { found: number; total: number } {
  const found = reference.filter((one) => {
    const rivals = ours.filter(({ image_id, category_id }) => image_id === one.image_id && category_id === one.category_id);
    return averagePrecision([one], rivals).ap50 > 0;
  });
  return { found: found.length, total: reference.length };
}
