/** How well things keep their identity: our ByteTrack on the generated street, against its own truth. */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from 'node-av/constants';
import { parse } from 'yaml';
import type { Box, Detection } from '../src/pipeline/annotation.ts';
import { frameBox } from '../src/pipeline/detect/frame-box.ts';
import { InputScaler } from '../src/pipeline/detect/input-scaler.ts';
import { ModelManifest } from '../src/pipeline/detect/manifest.ts';
import { leastAsked, sift } from '../src/pipeline/detect/sift.ts';
import { ModelRunner } from '../src/pipeline/detect/model-runner.ts';
import { newPicture } from '../src/pipeline/libav-picture.ts';
import { SceneOptions } from '../src/demo/options.ts';
import { Random } from '../src/demo/random.ts';
import { StreetScene } from '../src/demo/scene.ts';
import { ByteTracker } from '../src/pipeline/track/byte-tracker.ts';
import { motMetrics, type MotFrame, type TrackedBox } from '../test/support/mot-metrics.ts';
import { publish } from './support/report.ts';

const MODEL = join(import.meta.dirname, '../models/street-nano');
/** Not among those that street-nano was trained on. */
const SEEDS = [11, 12, 13];
const FRAMES = 450;
const FPS = 30;
/** What noise does to the truth: shares of boxes that are missed and that are nothing, of a box's size by which it is off. */
const NOISE = { missed: 0.1, false: 0.05, off: 0.05, weak: 0.15 };

interface Seen {
  readonly truth: readonly TrackedBox[];
  readonly detections: readonly Detection[];
  /** Below the threshold: they only keep tracks alive. */
  readonly weak?: readonly Detection[];
}

const scenes: { exact: Seen[]; noisy: Seen[]; model: Seen[]; modelCut: Seen[] }[] = [];
for (const seed of SEEDS) scenes.push(await look(seed));
const cases: [name: string, frames: (scene: (typeof scenes)[number]) => readonly Seen[], every: number][] = [
  ['truth', ({ exact }) => exact, 1],
  ['truth, noisy', ({ noisy }) => noisy, 1],
  ['truth, noisy, 5 a second', ({ noisy }) => noisy, 6],
  ['street-nano', ({ model }) => model, 1],
  ['street-nano, without those below its threshold', ({ modelCut }) => modelCut, 1],
  ['street-nano, 5 a second', ({ model }) => model, 6],
];
const percent = (share: number): string => (100 * share).toFixed(1);
await publish({
  name: 'tracking',
  about:
    `MOTA, IDF1 and HOTA in percent, identity switches, misses and false boxes of our tracker on ${SEEDS.length} × ${FRAMES / FPS} s of the generated street, of ` +
    `seeds that the model was not trained on. “noisy”: ${percent(NOISE.missed)} % of the boxes are missed, ${percent(NOISE.weak)} % are weak, ${percent(NOISE.false)} % are false, the rest are off by ` +
    `${percent(NOISE.off)} % of their size. “5 a second”: every sixth frame is looked at, and counts.`,
  columns: ['detections', 'MOTA', 'IDF1', 'HOTA', 'switches', 'misses', 'false', 'boxes'],
  rows: cases.map(([name, frames, every]) => {
    const { mota, idf1, hota, switches, misses, falseBoxes, boxes } = motMetrics(scenes.flatMap((scene, i) => tracked(frames(scene), every, i)));
    return [name, percent(mota), percent(idf1), percent(hota), switches, misses, falseBoxes, boxes];
  }),
});

/** What a tracker makes of a scene; identities of different scenes are different. */
function tracked(frames: readonly Seen[], every: number, scene: number): MotFrame[] {
  let id = 0;
  const tracker = new ByteTracker(() => (id += 1));
  const own = (boxes: readonly TrackedBox[]): TrackedBox[] => boxes.map((box) => ({ ...box, track: box.track + scene * 1e6 }));
  return frames.flatMap(({ truth, detections, weak }, index) => {
    if (index % every !== 0) return [];
    const found = tracker.update(detections, (index * 1000) / FPS, weak);
    return [{ truth: own(truth), found: own(found.flatMap(({ track, label, box }) => (track === undefined ? [] : [{ track, label, box }]))) }];
  });
}

async function look(seed: number): Promise<(typeof scenes)[number]> {
  const scene = await StreetScene.create(SceneOptions.parse({ seed, light: 'day', fps: FPS, width: 1280, height: 720 }));
  const manifest = ModelManifest.parse(parse(await readFile(join(MODEL, 'model.yaml'), 'utf8')));
  const runner = await ModelRunner.load({ name: manifest.name, file: join(MODEL, manifest.file), manifest }, { threads: 1, providers: ['cpu'] });
  const [scaler, random] = [new InputScaler(), new Random(seed).fork('noise')];
  const seen: (typeof scenes)[number] = { exact: [], noisy: [], model: [], modelCut: [] };
  for (let index = 0; index < FRAMES; index += 1) {
    const picture = newPicture(scene.width, scene.height, { colorRange: AVCOL_RANGE_MPEG, colorSpace: AVCOL_SPC_BT709 });
    const truth = scene.render({ index }, picture.planes, picture.strides).map(({ track, label, box }) => ({ track, label, box }));
    const input = scaler.scale({ seq: index, rtp: index * 3000, capturedAt: (index * 1000) / FPS }, picture, manifest.input);
    const [found = []] = await runner.run([{ picture: input.data, content: input.content, threshold: leastAsked(manifest.threshold) }]);
    const all = found.map(({ label, score, box }): Detection => ({ detector: 'model', label, score, box: frameBox(box, input.crop) }));
    input.release();
    picture.release();
    seen.exact.push({ truth, detections: truth.map(({ label, box }): Detection => ({ detector: 'truth', label, score: 1, box })) });
    seen.noisy.push({ truth, detections: noisy(truth, random) });
    const { detections, weak } = sift(all, manifest.threshold);
    seen.model.push({ truth, detections, weak });
    seen.modelCut.push({ truth, detections });
  }
  scaler.close();
  await runner.release();
  scene.close();
  return seen;
}

function noisy(truth: readonly TrackedBox[], random: Random): Detection[] {
  return truth.flatMap(({ label, box }): Detection[] => {
    const off = (size: number): number => size * NOISE.off * (random.range(-1, 1) + random.range(-1, 1));
    const [x, y, w, h] = box;
    const moved: Box = [x + off(w), y + off(h), Math.max(0.001, w + off(w)), Math.max(0.001, h + off(h))];
    const nothing: Detection[] = random.chance(NOISE.false)
      ? [{ detector: 'truth', label, score: random.range(0.3, 0.7), box: [random.range(0, 1 - w), random.range(0, Math.max(0, 1 - h)), w, h] }]
      : [];
    if (random.chance(NOISE.missed)) return nothing;
    return [{ detector: 'truth', label, score: random.chance(NOISE.weak) ? random.range(0.2, 0.5) : random.range(0.5, 1), box: moved }, ...nothing];
  });
}
