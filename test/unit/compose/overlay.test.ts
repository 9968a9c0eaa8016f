import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { pino } from 'pino';
import sharp from 'sharp';
import type { AnnotationMessage, Box } from '../../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { labelColor, rgbOf, toYuv } from '../../../src/pipeline/compose/palette.ts';
import { makePicture } from '../../support/pictures.ts';

const logger = pino({ level: 'silent' });
const BACKGROUND = 100;

function message(boxes: Box[], age = 0, label = 'car'): AnnotationMessage {
  const detections = boxes.map((box) => ({ detector: 'd', label, score: 0.87, box }));
  return { stream: 's', seq: 0, rtp: 0, capturedAt: 0, width: 1, height: 1, detections, detectors: { d: { age } } };
}

/** Luma pixels that differ from the background: their bounding box, and how many there are. */
function changed(picture: ReturnType<typeof makePicture>): { left: number; top: number; right: number; bottom: number; count: number } {
  const box = { left: Infinity, top: Infinity, right: -1, bottom: -1, count: 0 };
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      if (picture.planes[0][y * picture.strides[0] + x] === BACKGROUND) continue;
      box.left = Math.min(box.left, x);
      box.top = Math.min(box.top, y);
      box.right = Math.max(box.right, x);
      box.bottom = Math.max(box.bottom, y);
      box.count += 1;
    }
  }
  return box;
}

const BARE = OverlayOptions.parse({ labels: false });

test('a box is drawn where it is, in the colour of its label, with a contour of one pixel around it', async () => {
  const overlay = new Overlay(BARE, logger);
  const picture = makePicture(640, 360, BACKGROUND);
  overlay.draw(picture, message([[0.25, 0.25, 0.5, 0.5]]));
  const { left, top, right, bottom } = changed(picture);
  assert.deepEqual([left, top, right, bottom], [159, 89, 480, 270]);
  const color = toYuv(rgbOf(labelColor('car')), 'limited');
  assert.equal(picture.planes[0][90 * picture.strides[0] + 320], color.y);
  assert.equal(picture.planes[1][45 * picture.strides[1] + 160], color.u);
  assert.equal(picture.planes[2][45 * picture.strides[2] + 160], color.v);
  assert.equal(picture.planes[0][180 * picture.strides[0] + 320], BACKGROUND);
  picture.release();
});

test('fresh and carried boxes look as in the reference picture', async () => {
  const overlay = new Overlay(BARE, logger);
  const picture = makePicture(320, 180, (x, y) => 60 + ((x + y) % 80));
  overlay.draw(picture, { ...message([[0.05, 0.1, 0.3, 0.5], [0.2, 0.3, 0.5, 0.6]]), detectors: { d: { age: 0 } } });
  overlay.draw(picture, message([[0.6, 0.05, 0.35, 0.4], [0.9, 0.8, 0.3, 0.5]], 3, 'person'));
  const drawn = Buffer.concat(picture.planes.map((plane, i) => rowsOf(plane, picture.strides[i]!, i === 0 ? 320 : 160, i === 0 ? 180 : 90)));
  picture.release();
  const reference = join(import.meta.dirname, 'reference', 'boxes.png');
  if (process.env['UPDATE_REFERENCE'] !== undefined) await sharp(drawn, { raw: { width: 320, height: 270, channels: 1 } }).png({ palette: false }).toFile(reference);
  const expected = await sharp(reference).extractChannel(0).raw().toBuffer();
  assert.ok(drawn.equals(expected));
});

/** A plane without what lies beside the picture. */
function rowsOf(plane: Buffer, stride: number, width: number, height: number): Buffer {
  return Buffer.concat(Array.from({ length: height }, (_, y) => plane.subarray(y * stride, y * stride + width)));
}

test('the same colour has other numbers in full range', () => {
  const [limited, full] = [toYuv([255, 255, 255], 'limited'), toYuv([255, 255, 255], 'full')];
  assert.deepEqual([limited, full], [{ y: 235, u: 128, v: 128 }, { y: 255, u: 128, v: 128 }]);
});

test('a carried box is dashed: fewer of its pixels are coloured than of a fresh one', async () => {
  const overlay = new Overlay(BARE, logger);
  const count = (age: number): number => {
    const picture = makePicture(640, 360, BACKGROUND);
    overlay.draw(picture, message([[0.25, 0.25, 0.5, 0.5]], age));
    const { y } = toYuv(rgbOf(labelColor('car')), 'limited');
    let coloured = 0;
    for (let row = 0; row < 360; row++) for (let x = 0; x < 640; x++) if (picture.planes[0][row * picture.strides[0] + x] === y) coloured += 1;
    picture.release();
    return coloured;
  };
  assert.ok(count(1) < count(0) * 0.7);
});

test('a label stands above its box, inside where there is no room, and within the frame', async () => {
  const overlay = new Overlay(OverlayOptions.parse({}), logger);
  await overlay.prepare(['car'], 360);
  for (const box of [[0.3, 0.5, 0.2, 0.2], [0.3, 0, 0.2, 0.2], [0.93, 0.5, 0.07, 0.2], [0, 0, 1, 1]] as Box[]) {
    const picture = makePicture(640, 360, BACKGROUND);
    overlay.draw(picture, message([box]));
    const drawn = changed(picture);
    const above = Math.round(box[1] * 360) - drawn.top;
    if (box[1] > 0) assert.ok(above > 10 && above < 30, `${above} pixels above`);
    else assert.equal(drawn.top, 0);
    assert.ok(drawn.right < 640 && drawn.bottom < 360);
    picture.release();
  }
});

test('texts of any script have ink', async () => {
  const overlay = new Overlay(OverlayOptions.parse({ names: { car: '汽车', person: 'persona' } }), logger);
  await overlay.prepare(['car', 'person'], 360);
  for (const label of ['car', 'person']) {
    const bare = makePicture(640, 360, BACKGROUND);
    new Overlay(BARE, logger).draw(bare, message([[0.3, 0.5, 0.2, 0.2]], 0, label));
    const picture = makePicture(640, 360, BACKGROUND);
    overlay.draw(picture, message([[0.3, 0.5, 0.2, 0.2]], 0, label));
    assert.ok(changed(picture).count > changed(bare).count + 500);
    picture.release();
    bare.release();
  }
});

const HOSTILE: [string, Box][] = [
  ['NaN', [Number.NaN, 0, 0.1, 0.1]],
  ['infinite', [0, 0, Infinity, 0.1]],
  ['outside', [2, 2, 0.1, 0.1]],
  ['negative in size', [0.5, 0.5, -0.2, -0.2]],
  ['empty', [0.5, 0.5, 0, 0]],
];

for (const [name, box] of HOSTILE) {
  test(`a box that is ${name} draws nothing`, async () => {
    const overlay = new Overlay(OverlayOptions.parse({}), logger);
    const picture = makePicture(64, 64, BACKGROUND);
    overlay.draw(picture, message([box]));
    assert.equal(changed(picture).count, 0);
    picture.release();
  });
}

for (const [width, height] of [[641, 359], [161, 121], [2, 2], [16, 16], [1920, 1080]] as const) {
  test(`nothing is written beside a picture of ${width}×${height}`, async () => {
    const overlay = new Overlay(OverlayOptions.parse({}), logger);
    await overlay.prepare(['car'], height);
    const picture = makePicture(width, height, BACKGROUND);
    const sizes = [[width, height], [(width + 1) >> 1, (height + 1) >> 1], [(width + 1) >> 1, (height + 1) >> 1]] as const;
    const beside = (plane: Buffer, i: number, mark?: number): boolean => {
      const [w, h] = sizes[i]!;
      const stride = picture.strides[i]!;
      for (let y = 0; y < h; y++) {
        for (let x = w; x < stride && y * stride + x < plane.length; x++) {
          if (mark !== undefined) plane[y * stride + x] = mark;
          else if (plane[y * stride + x] !== 77) return true;
        }
      }
      return false;
    };
    picture.planes.forEach((plane, i) => beside(plane, i, 77));
    overlay.draw(picture, message([[0, 0, 1, 1], [-0.5, -0.5, 3, 3], [0.9, 0.9, 0.5, 0.5], [0.5, 0.98, 0.2, 0.2]]));
    picture.planes.forEach((plane, i) => assert.equal(beside(plane, i), false));
    picture.release();
  });
}
