import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from 'node-av/constants';
import { parse } from 'yaml';
import { SceneOptions } from '../../../src/demo/options.ts';
import { StreetScene } from '../../../src/demo/scene.ts';
import { InputScaler } from '../../../src/pipeline/detect/input-scaler.ts';
import { ModelManifest } from '../../../src/pipeline/detect/manifest.ts';
import { ModelRunner } from '../../../src/pipeline/detect/model-runner.ts';
import { newPicture } from '../../../src/pipeline/libav-picture.ts';

const MODEL = join(import.meta.dirname, '../../../models/street-nano');
const FRAMES = 20;
/** Frames between two that are looked at. */
const STEP = 15;

test('a model sees the same in planes of colours as in packed pixels', async () => {
  const scene = await StreetScene.create(SceneOptions.parse({ seed: 11, light: 'day', fps: 30, width: 1280, height: 720, density: 0.6 }));
  const manifest = ModelManifest.parse(parse(await readFile(join(MODEL, 'model.yaml'), 'utf8')));
  const runner = await ModelRunner.load({ name: manifest.name, file: join(MODEL, manifest.file), manifest }, { threads: 1, providers: ['cpu'] });
  const scaler = new InputScaler();
  let compared = 0;
  for (let i = 0; i < FRAMES; i += 1) {
    const picture = newPicture(scene.width, scene.height, { colorRange: AVCOL_RANGE_MPEG, colorSpace: AVCOL_SPC_BT709 });
    scene.render({ index: i * STEP }, picture.planes, picture.strides);
    const seen = [];
    for (const packed of [true, false]) {
      const input = scaler.scale({ seq: i, rtp: i * 3000, capturedAt: i * 33 }, picture, { ...manifest.input, packed });
      const [found] = await runner.run([{ picture: packed ? planesOf(input.data) : input.data, content: input.content }]);
      seen.push(found!.toSorted((a, b) => a.box[0] - b.box[0] || a.box[1] - b.box[1]));
      input.release();
    }
    const [pixels, planes] = seen as [(typeof seen)[0], (typeof seen)[0]];
    // What scores at the threshold may be on either side of it.
    const sure = (found: typeof pixels): typeof pixels => found.filter(({ score }) => score > manifest.threshold + 0.02);
    for (const one of sure(pixels)) assert.ok(planes.some((other) => alike(one, other)), `frame ${i}: ${JSON.stringify(one)} is not seen in planes`);
    for (const one of sure(planes)) assert.ok(pixels.some((other) => alike(one, other)), `frame ${i}: ${JSON.stringify(one)} is not seen in pixels`);
    compared += sure(pixels).length;
    picture.release();
  }
  scaler.close();
  await runner.release();
  scene.close();
  assert.ok(compared >= FRAMES, `there was something to see: ${compared}`);
});

type Seen = Awaited<ReturnType<ModelRunner['run']>>[number][number];

function alike(a: Seen, b: Seen): boolean {
  return a.label === b.label && Math.abs(a.score - b.score) < 0.01 && a.box.every((value, i) => Math.abs(value - b.box[i]!) < 0.01);
}

function planesOf(pixels: Buffer): Buffer {
  const size = pixels.length / 3;
  return Buffer.from(Array.from(pixels, (_, i) => pixels[(i % size) * 3 + Math.floor(i / size)]!));
}
