/**
 * Writes pictures of the generated street with their truth, in the size of the model's input, for `train.py` and `evaluate.ts`:
 *
 *     node models/street-nano/dump-frames.ts --out FOLDER --from 1000 --scenes 60 --frames 50
 *
 * `frames.bin` holds the pictures one after the other (RGB, 8 bit, packed, 448×256), `truth.jsonl` a line for each of them. Scenes take
 * their seed from `--from` on; what else is different between them follows from the seed.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { Frame } from 'node-av/lib';
import { InputScaler, type InputGeometry } from '../../src/pipeline/detect/input-scaler.ts';
import type { Picture } from '../../src/pipeline/picture.ts';
import { lightLevel } from '../../src/demo/light.ts';
import type { SceneOptions } from '../../src/demo/options.ts';
import { Random } from '../../src/demo/random.ts';
import { StreetScene } from '../../src/demo/scene.ts';

const INPUT: InputGeometry = { width: 448, height: 256, resize: 'letterbox', anchor: 'center', pad: 114 };
/** Frames between two that are written: with the usual number of them, a whole day passes. */
const SPACING = 144;
const SIZES = [
  [1280, 720],
  [1280, 720],
  [1280, 720],
  [1920, 1080],
  [960, 540],
  [640, 360],
] as const;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    from: { type: 'string', default: '1000' },
    scenes: { type: 'string', default: '60' },
    frames: { type: 'string', default: '50' },
    size: { type: 'string' },
  },
});
if (values.out === undefined) throw new Error('Where to? Give --out FOLDER.');
await mkdir(values.out, { recursive: true });
const frames = createWriteStream(join(values.out, 'frames.bin'));
const truth = createWriteStream(join(values.out, 'truth.jsonl'));
const scaler = new InputScaler();
for (let i = 0; i < Number(values.scenes); i += 1) {
  // Scenes of one size one after the other: they share their drawings.
  const size = values.size?.split('x').map(Number) ?? SIZES[Math.floor((i * SIZES.length) / Number(values.scenes))] ?? SIZES[0];
  await dump(Number(values.from) + i, size as [number, number]);
  process.stderr.write(`\r${i + 1} of ${values.scenes} scenes`);
}
process.stderr.write('\n');
scaler.close();
frames.end();
truth.end();
await Promise.all([finished(frames), finished(truth)]);

async function dump(seed: number, [width, height]: readonly [number, number]): Promise<void> {
  const random = new Random(seed).fork('dump');
  const options: SceneOptions = { seed, timecode: random.chance(0.15), width, height, fps: 30, light: 'cycle', density: random.range(0.15, 1) };
  const scene = await StreetScene.create(options);
  const picture = emptyPicture(width, height);
  const start = random.int(SPACING);
  for (let i = 0; i < Number(values.frames); i += 1) {
    const index = start + i * SPACING;
    const objects = scene.render({ index }, picture.planes, picture.strides);
    const id = { seq: random.int(2 ** 31), rtp: 0, capturedAt: 1.7e12 + random.next() * 1e12 };
    if (options.timecode) scene.drawTimecode(id, picture.planes, picture.strides);
    const input = scaler.scale(id, picture, INPUT);
    const line = { seed, index, width, height, light: lightLevel('cycle', index / 30), content: input.content, objects };
    truth.write(`${JSON.stringify(line)}\n`);
    const more = frames.write(Buffer.from(input.data));
    input.release();
    if (!more) await once(frames, 'drain');
  }
  scene.close();
}

/** A picture in memory of its own. */
function emptyPicture(width: number, height: number): Picture {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  return {
    width,
    height,
    writable: true,
    range: 'limited',
    planes: [Buffer.alloc(width * height), Buffer.alloc(columns * rows), Buffer.alloc(columns * rows)],
    strides: [width, columns, columns],
    frame: new Frame(),
    release: () => undefined,
  };
}
