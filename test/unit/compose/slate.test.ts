import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { greyOut, SlateBackground, SlateText } from '../../../src/pipeline/compose/slate.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { makePicture } from '../../support/pictures.ts';
import { Canvas } from './canvas.ts';

const LINES = ['No signal since 12:03:11', 'Trying again in 4 s', '12:03:11 起无信号，4 秒后重试'];
const GREY = 100;
/** Luma of the faintest ink. */
const INK = 70;
/** How far the chroma of ink, which is almost white, is from none; that of the plate's coloured edge is further. */
const NEUTRAL = 20;

const logger = pino({ level: 'silent' });

interface Extent {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The smallest area with all the pixels that are as asked. */
function extent({ width, height }: Picture, wanted: (x: number, y: number) => boolean): Extent {
  const found = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!wanted(x, y)) continue;
      found.left = Math.min(found.left, x);
      found.top = Math.min(found.top, y);
      found.right = Math.max(found.right, x + 1);
      found.bottom = Math.max(found.bottom, y + 1);
    }
  }
  return found;
}

/** Bands of rows with ink, one above the other. */
function bands({ left, top, right, bottom }: Extent, inked: (x: number, y: number) => boolean): number {
  let count = 0;
  let inside = false;
  for (let y = top; y < bottom; y++) {
    let ink = false;
    for (let x = left; x < right && !ink; x++) ink = inked(x, y);
    if (ink && !inside) count += 1;
    inside = ink;
  }
  return count;
}

describe('the text of a slate', () => {
  for (const [width, height] of [[1280, 720], [1920, 1080], [641, 359], [161, 121], [360, 640], [320, 568], [2560, 480]] as const) {
    test(`stands whole in the middle of ${width}×${height}, on a plate`, async () => {
      using canvas = new Canvas(width, height, () => GREY);
      await new SlateText(logger).draw(canvas.picture, LINES);
      assert.ok(canvas.guarded, 'drawn outside of the picture');
      const plate = extent(canvas.picture, (x, y) => canvas.at(0, x, y) !== GREY);
      const isInk = (x: number, y: number): boolean =>
        x >= plate.left && x < plate.right && y >= plate.top && y < plate.bottom && canvas.at(0, x, y) > INK && Math.abs(canvas.at(1, x >> 1, y >> 1) - 128) < NEUTRAL;
      const ink = extent(canvas.picture, isInk);
      assert.ok(plate.left > 0 && plate.top > 0 && plate.right < width && plate.bottom < height, JSON.stringify(plate));
      assert.ok(Math.abs(plate.left - (width - plate.right)) <= 3 && Math.abs(plate.top - (height - plate.bottom)) <= 3, JSON.stringify(plate));
      assert.ok(ink.left > plate.left && ink.right < plate.right && ink.top > plate.top && ink.bottom < plate.bottom, 'the ink leaves its plate');
      assert.equal(bands(ink, isInk), LINES.length, 'lines run into each other');
    });
  }

  test('is written on pictures that have no room for it without leaving them', async () => {
    for (const [width, height] of [[64, 48], [17, 9], [2, 2], [1, 1]] as const) {
      using canvas = new Canvas(width, height, () => GREY);
      await new SlateText(logger).draw(canvas.picture, LINES);
      assert.ok(canvas.guarded, `${width}×${height}`);
    }
  });

  test('changes with the seconds', async () => {
    const text = new SlateText(logger);
    const [four, three] = [makePicture(640, 360, GREY), makePicture(640, 360, GREY)];
    await text.draw(four, ['Trying again in 4 s']);
    await text.draw(three, ['Trying again in 3 s']);
    assert.ok(!four.planes[0].equals(three.planes[0]));
    for (const picture of [four, three]) picture.release();
  });
});

describe('the background of a slate', () => {
  for (const range of ['limited', 'full'] as const) {
    test(`is the last frame without colour, darker and with its shapes, in ${range} range`, () => {
      const last = makePicture(65, 37, (x) => (x < 32 ? 40 : 220), range);
      last.planes[1].fill(30);
      last.planes[2].fill(200);
      greyOut(last);
      const black = range === 'full' ? 0 : 16;
      const [dark, bright] = [last.planes[0][0]!, last.planes[0][64]!];
      assert.ok(black < dark && dark < 40 && dark < bright && bright < 128, `${dark} ${bright}`);
      for (const plane of [last.planes[1], last.planes[2]]) assert.ok(plane.every((value) => value === 128));
      last.release();
    });
  }

  test('is a copy of its own each time, so that one slate does not show in the next', () => {
    const background = new SlateBackground();
    background.keep(makePicture(64, 36, 200));
    const first = background.copy();
    const before = first.planes[0][0];
    first.planes[0].fill(255);
    const second = background.copy();
    assert.equal(second.planes[0][0], before);
    assert.deepEqual([second.width, second.height], [64, 36]);
    for (const picture of [first, second]) picture.release();
    background.close();
  });

  test('follows the last frame, whatever its size', () => {
    const background = new SlateBackground();
    const blank = background.copy();
    assert.deepEqual([blank.width, blank.height], [1280, 720]);
    blank.release();
    let released = 0;
    for (const [width, height] of [[64, 36], [33, 17]] as const) {
      const picture = makePicture(width, height, 200);
      background.keep({ ...picture, release: () => { released += 1; picture.release(); } });
      const slate = background.copy();
      assert.deepEqual([slate.width, slate.height], [width, height]);
      slate.release();
    }
    assert.equal(released, 1, 'the frame before is given back');
    background.close();
    background.close();
    assert.equal(released, 2);
  });
});
