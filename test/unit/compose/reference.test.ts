/** Drawing against pictures that were looked at and found good; `UPDATE_REFERENCE=1` makes them again. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import sharp from 'sharp';
import type { AnnotationMessage, Detection } from '../../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { Canvas } from './canvas.ts';

const [WIDTH, HEIGHT] = [320, 180];
const logger = pino({ level: 'silent' });

const SEEN: readonly Detection[] = [
  { detector: 'fresh', label: 'car', score: 0.87, box: [0.05, 0.2, 0.4, 0.6] },
  { detector: 'fresh', label: 'person', score: 1, box: [0.3, 0.45, 0.12, 0.5] },
  { detector: 'fresh', label: 'bus', score: 0.5, box: [0.5, 0, 0.1, 0.1] },
  { detector: 'carried', label: 'bicycle', score: 0.42, box: [0.62, 0.25, 0.3, 0.4] },
  { detector: 'carried', label: 'truck', score: 0.09, box: [0.9, 0.85, 0.3, 0.5] },
];
const MESSAGE: AnnotationMessage = {
  stream: 's', seq: 3, rtp: 0, capturedAt: 0, width: WIDTH, height: HEIGHT, detections: [...SEEN], detectors: { fresh: { age: 0 }, carried: { age: 3 } },
};

/** The planes of a picture that was drawn upon and those of the reference. */
async function drawn(name: string, options: OverlayOptions, luma: (x: number, y: number) => number): Promise<{ actual: Buffer; expected: Buffer }> {
  const overlay = new Overlay(options, logger);
  await overlay.prepare(SEEN.map(({ label }) => label), HEIGHT);
  using canvas = new Canvas(WIDTH, HEIGHT, luma);
  overlay.draw(canvas.picture, MESSAGE);
  const actual = canvas.pixels();
  const file = join(import.meta.dirname, 'reference', `${name}.png`);
  // The luma plane, and below it both chroma planes, whose rows stand beside each other in pairs.
  const shape = { width: WIDTH, height: (HEIGHT * 3) / 2, channels: 1 as const };
  if (process.env['UPDATE_REFERENCE'] !== undefined) await sharp(actual, { raw: shape }).toColourspace('b-w').png().toFile(file);
  const expected = await sharp(file).extractChannel(0).raw().toBuffer();
  assert.equal(actual.length, expected.length);
  return { actual, expected };
}

test('fresh and carried boxes look as in the reference picture, to the last pixel', async () => {
  const { actual, expected } = await drawn('boxes', OverlayOptions.parse({ labels: false }), (x, y) => 60 + ((x + y) % 80));
  assert.ok(actual.equals(expected));
});

test('labels look as in the reference picture, as far as fonts are the same', async () => {
  const { actual, expected } = await drawn('labels', OverlayOptions.parse({}), () => 100);
  let sum = 0;
  let drawnUpon = 0;
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    if (actual[i] === 100 && expected[i] === 100) continue;
    drawnUpon += 1;
    sum += Math.abs(actual[i]! - expected[i]!);
  }
  // Another font moves every stroke and differs by up to 20; plates without text differ by 35.
  assert.ok(sum / drawnUpon < 30, `${(sum / drawnUpon).toFixed(1)} on the average`);
});
