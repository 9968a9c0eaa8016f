import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection } from '../../../src/pipeline/annotation.ts';
import type { DetectorLink, ResolvedDetector } from '../../../src/pipeline/detect/index.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { DetectorHarness, untilState } from '../../support/detector-harness.ts';
import { flatPicture, manifestOf } from '../../support/detect.ts';
import { slowMeanDetector } from '../../support/onnx-model.ts';
import { scenes, streetNano } from '../../support/street-nano.ts';

/** Runs of the model that shares are counted over. */
const RUNS = 120;
/** So many sines take tens of milliseconds: who has a result brings the next frame long before the run of another one ends. */
const SINES = 150;
/** A quiet stream brings one frame in so many runs. */
const SELDOM = 8;

/** One detector of a stream, and what became of its frames. */
interface Sharer {
  readonly link: DetectorLink;
  readonly luma: number;
  done: number;
  /** Of each of its frames, how many runs ended while it was there, its own included. */
  readonly waits: number[];
  /** When each of its results came, milliseconds; and how long it took from the frame on. */
  readonly ends: { readonly at: number; readonly tookMs: number }[];
}

test('a model that has too much to do is shared evenly by streams, whatever they bring, and no frame waits for more than their turns', { timeout: 120_000 }, async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start({ maxBatch: 1 });
  const manifest = manifestOf({ family: 'yolov8', threshold: 0, input: { scale: 1 / 255 }, nms: 0.5 });
  const model = { name: 'slow', file: await harness.file('slow.onnx', slowMeanDetector(SINES)), manifest };
  const sharer = (stream: string, name: string, luma: number): Sharer => {
    return { link: harness.link({ name, model, classes: ['cat'], threshold: 0.01 }, stream), luma, done: 0, waits: [], ends: [] };
  };
  const busy = ['1', '2', '3', '4', '5', '6'].map((name) => sharer('busy', name, 51));
  const [steady, quiet] = [sharer('steady', '1', 102), sharer('quiet', '1', 153)];
  await Promise.all([...busy, steady, quiet].map(({ link }) => untilState(link, 'ready')));

  let [runs, brought] = [0, 0];
  const bring = async (one: Sharer): Promise<void> => {
    const [before, broughtAt] = [runs, performance.now()];
    const outcome = await harness.see(one.link, flatPicture(64, 64, one.luma));
    assert.ok(outcome.status === 'done');
    assert.equal(Math.round(outcome.detections[0]!.score * 255), one.luma, 'its own result');
    runs += 1;
    one.done += 1;
    one.waits.push(runs - before);
    const at = performance.now();
    one.ends.push({ at, tookMs: at - broughtAt });
  };
  /** Has its next frame whenever it is free. */
  const saturate = async (one: Sharer): Promise<void> => {
    const seldom: Promise<void>[] = [];
    while (runs < RUNS) {
      await bring(one);
      if (one === steady && runs >= SELDOM * (brought + 1)) {
        brought += 1;
        seldom.push(bring(quiet));
      }
    }
    await Promise.all(seldom);
  };
  await Promise.all([...busy, steady].map(saturate));

  const shares = { busy: busy.reduce((sum, { done }) => sum + done, 0), steady: steady.done, quiet: quiet.done };
  t.diagnostic(`${JSON.stringify(shares)}, of the busy stream's detectors ${busy.map(({ done }) => done).join(', ')}; waited for ${[...busy, steady, quiet].map(({ waits }) => Math.max(...waits)).join(', ')} runs at most`);
  assert.ok(brought >= RUNS / SELDOM / 2 && shares.quiet === brought, 'who brings less than its share loses nothing');
  const fair = (shares.busy + shares.steady) / 2;
  for (const share of [shares.busy, shares.steady]) assert.ok(Math.abs(share - fair) <= 0.2 * fair, `${share} of ${fair}`);
  for (const { done } of busy) assert.ok(Math.abs(done - shares.busy / busy.length) <= 2, 'within a stream, its detectors take turns too');
  // The run under way, a turn of each other stream, its own. On a busy machine, runs whose results have not been read yet when a frame is brought count too.
  for (const { waits } of [steady, quiet]) {
    const short = waits.filter((runs) => runs <= 4).length;
    assert.ok(short >= 0.75 * waits.length, `frames waited for ${waits.join(', ')} runs`);
  }
  // The process's own clock knows no results that have not been read: the lone detector's frame waits for a run or two, those of six for about eleven.
  const waited = [...busy.map(({ link }) => link.stats().queueMs!), steady.link.stats().queueMs!];
  const ofSteady = waited.pop()!;
  for (const ofBusy of waited) assert.ok(ofSteady < ofBusy / 2, `the steady stream's frames waited for ${ofSteady} ms, a busy one's for ${ofBusy} ms`);
  assertFigures(steady);
});

/** What a detector says of itself is what was seen of it from outside. */
function assertFigures({ link, done, ends }: Sharer): void {
  const now = performance.now();
  const { taken, skipped, fps, inferenceMs, queueMs, batch } = link.stats();
  assert.deepEqual({ taken, skipped, batch }, { taken: done, skipped: 0, batch: 1 });
  // The link counts a result some instants before it is seen here.
  const within = (ms: number): number => ends.filter(({ at }) => at > now - ms).length;
  assert.ok(fps >= within(900) && fps <= within(1100), `${fps} results in the last second, of which ${within(1000)} were seen`);
  const longest = Math.max(...ends.map(({ tookMs }) => tookMs));
  // A frame comes while another stream's run is under way, and waits at least for the rest of it.
  assert.ok(queueMs! > inferenceMs / 4 && queueMs! + inferenceMs < longest, `${queueMs} ms in the queue and ${inferenceMs} ms in the model, of ${longest} ms at most`);
}

/** Milliseconds for which a frame waits for others: far more than bringing them takes. */
const BATCH_DELAY_MS = 600;
const ROUNDS = 3;

test('street-nano sees in a batch what it sees alone, and a batch leaves without those who bring nothing', { timeout: 120_000 }, async (t) => {
  const harness = await DetectorHarness.create(t);
  await harness.start({ maxBatch: 8, batchDelayMs: BATCH_DELAY_MS });
  const detector: ResolvedDetector = { name: 'street', model: await streetNano() };
  const pictures = await scenes(t, 4);
  const [first, ...others] = ['a', 'b', 'c', 'd'].map((stream) => harness.link(detector, stream));
  await Promise.all([first!, ...others].map((link) => untilState(link, 'ready')));

  // Nobody else has brought a frame yet, so nobody is waited for.
  const alone: Detection[][] = [];
  for (const picture of pictures) alone.push(await see(harness, first!, picture));
  assert.equal(first!.stats().batch, 1);
  assert.ok(alone.every((seen) => seen.length > 0) && new Set(alone.map((seen) => JSON.stringify(seen))).size === pictures.length);

  const shown = harness.event((event) => event.type === 'stats' && (event.models[0]?.batch ?? 0) > 1);
  const links = [first!, ...others];
  for (let round = 0; round < ROUNDS; round += 1) {
    const together = await Promise.all(links.map((link, i) => see(harness, link, pictures[(i + round) % 4]!)));
    together.forEach((seen, i) => assertSame(seen, alone[(i + round) % 4]!));
  }
  // In the first round the others are not known yet; from the second on the batch is whole.
  for (const link of others) assert.ok(link.stats().batch! > 2, `${link.stats().batch} frames together`);
  const stats = await shown;
  assert.ok(stats.type === 'stats' && stats.models.length === 1 && stats.models[0]!.fps > 1);

  const startedAt = performance.now();
  assertSame(await see(harness, others[0]!, pictures[0]!), alone[0]!);
  assert.ok(performance.now() - startedAt >= BATCH_DELAY_MS - 1, 'it waited for the others');
});

async function see(harness: DetectorHarness, link: DetectorLink, picture: Picture): Promise<Detection[]> {
  const outcome = await harness.see(link, picture);
  assert.ok(outcome.status === 'done');
  return outcome.detections;
}

/** The same but for the order in which floats are added. */
function assertSame(one: readonly Detection[], other: readonly Detection[]): void {
  assert.deepEqual(one.map(({ label }) => label), other.map(({ label }) => label));
  one.forEach(({ score, box }, i) => {
    const off = [score - other[i]!.score, ...box.map((value, at) => value - other[i]!.box[at]!)].map(Math.abs);
    assert.ok(Math.max(...off) < 1e-3, `${JSON.stringify(one[i])} is not ${JSON.stringify(other[i])}`);
  });
}
