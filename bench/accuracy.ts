/**
 * What models see through Framelock's own path (libav scaling, manifests, decoders) on 252 labelled images of COCO val2017, against
 * what reference implementations measured on the same images.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelStore } from '../src/models/index.ts';
import { InputScaler } from '../src/pipeline/detect/input-scaler.ts';
import { ModelRunner } from '../src/pipeline/detect/model-runner.ts';
import { averagePrecision, type CocoResult } from '../test/support/coco-ap.ts';
import { readCoco, readReferenceAp, seenBy } from '../test/support/coco-data.ts';
import { SHARED_DATA, withoutSharedData } from '../test/support/shared-data.ts';
import { ms, percentile, publish } from './support/report.ts';

const MODELS = ['yolox_nano_416', 'deimv2_hgnetv2_femto_coco', 'deimv2_hgnetv2_atto_coco', 'nanodet_m_416', 'picodet_s_320_coco', 'FastestDet_352'];
/** Score from which boxes count, as the reference did. */
const SCORE = 0.05;
const PERSON = [1];

if (withoutSharedData !== false) throw new Error(withoutSharedData);
const folder = await mkdtemp(join(tmpdir(), 'framelock-accuracy-'));
try {
  await publish({
    name: 'accuracy',
    about:
      'AP (COCO, IoU 0.50…0.95, percent) of models whose manifests were inferred from their files, over 252 labelled images: ' +
      'all classes and people alone, ours and what the reference implementations reach. Milliseconds a picture: packing, model and decoding, one thread.',
    columns: ['model', 'AP', 'reference', 'AP person', 'reference', 'ms p50', 'ms p95'],
    rows: await measure(),
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<(string | number)[][]> {
  const set = await readCoco();
  const store = new ModelStore({ bundledDir: join(import.meta.dirname, '../models'), dataDir: folder, extraDir: join(SHARED_DATA, 'models') });
  const rows: (string | number)[][] = [];
  for (const name of MODELS) {
    const model = await store.resolve(name);
    const runner = await ModelRunner.load(model, { threads: 1, providers: ['cpu'] });
    const timed = timedRunner(runner);
    const scaler = new InputScaler();
    const results: CocoResult[] = [];
    for (const image of set.images) results.push(...(await seenBy(timed.runner, scaler, model.manifest, image, set, SCORE)));
    scaler.close();
    await runner.release();
    const [all, person] = [averagePrecision(set.annotations, results), averagePrecision(set.annotations, results, PERSON)];
    const reference = await readReferenceAp(name);
    const times = [ms(percentile(timed.times, 0.5)), ms(percentile(timed.times, 0.95))];
    rows.push([name, all.ap.toFixed(1), reference.all.toFixed(1), person.ap.toFixed(1), reference.person.toFixed(1), ...times]);
  }
  return rows;
}

/** The same runner, and how long each of its runs took in milliseconds. */
function timedRunner(runner: ModelRunner): { runner: Pick<ModelRunner, 'run'>; times: number[] } {
  const times: number[] = [];
  return {
    times,
    runner: {
      async run(frames) {
        const startedAt = performance.now();
        const seen = await runner.run(frames);
        times.push(performance.now() - startedAt);
        return seen;
      },
    },
  };
}
