import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M } from 'node-av/constants';
import type { Box } from '../../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { labelColor, rgbOf, toYuv } from '../../../src/pipeline/compose/palette.ts';
import { BACKGROUNDS, Canvas, message } from './canvas.ts';

const logger = pino({ level: 'silent' });
const BARE = OverlayOptions.parse({ labels: false });
const SIZES = [[641, 359], [161, 121], [640, 360], [16, 16], [5, 3], [2, 2], [1, 1]] as const;
const HOSTILE: readonly Box[] = [[0, 0, 1, 1], [-0.5, -0.5, 3, 3], [0.9, 0.9, 0.5, 0.5], [0.5, 0.98, 0.2, 0.2], [-1e300, 0, 1e308, 1], [0.33, 0.41, 0.27, 0.35]];

/** The first and the one after the last of a box's pixels, by the rule that edges lie on even pixels. */
function edges(from: number, size: number, pixels: number): [number, number] {
  const even = (value: number): number => value - (value % 2);
  return [even(Math.max(0, Math.round(from * pixels))), even(Math.min(pixels + 1, Math.round((from + size) * pixels) + 1))];
}

/** How far outside of a rectangle's frame of some thickness a pixel is: a contour of one pixel around it belongs to it. */
function onFrame(x: number, y: number, [left, right]: [number, number], [top, bottom]: [number, number], thick: number): boolean {
  const outside = x < left - 1 || x > right || y < top - 1 || y > bottom;
  const inside = x >= left + thick && x < right - thick && y >= top + thick && y < bottom - thick;
  return !outside && !inside;
}

describe('a box', () => {
  for (const [width, height] of [[640, 360], [641, 359], [161, 121], [1920, 1080]] as const) {
    for (const [name, luma] of BACKGROUNDS) {
      test(`changes the pixels of its lines and its contour, and no others (${width}×${height}, ${name})`, () => {
        using canvas = new Canvas(width, height, luma);
        const box: Box = [0.21, 0.33, 0.43, 0.57];
        new Overlay(BARE, logger).draw(canvas.picture, message([box]));
        const [across, down] = [edges(box[0], box[2], width), edges(box[1], box[3], height)];
        const thick = height > 1000 ? 6 : 4;
        const { luma: pixels, chroma } = canvas.changed();
        assert.ok(chroma.length > 0);
        for (const [x, y] of pixels) assert.ok(onFrame(x, y, across, down, thick), `pixel ${x},${y}`);
        // A chroma sample covers two by two pixels, all of which are lines.
        for (const [x, y] of chroma) {
          for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
            const [px, py] = [2 * x + dx, 2 * y + dy];
            assert.ok(px >= across[0] && px < across[1] && py >= down[0] && py < down[1] && onFrame(px, py, across, down, thick), `chroma ${x},${y}`);
          }
        }
        assert.ok(canvas.guarded);
      });
    }
  }

  for (const range of ['limited', 'full'] as const) {
    test(`has the colour of its label all along its sides, in ${range} range`, () => {
      using canvas = new Canvas(640, 360, () => 100, range);
      new Overlay(BARE, logger).draw(canvas.picture, message([[0.25, 0.25, 0.5, 0.5]]));
      const { y, u, v } = toYuv(rgbOf(labelColor('car')), { matrix: 'bt601', range });
      for (let x = 160; x < 480; x++) {
        for (const row of [90, 91, 270 - 1, 270 - 2]) {
          assert.deepEqual([canvas.at(0, x, row), canvas.at(1, x >> 1, row >> 1), canvas.at(2, x >> 1, row >> 1)], [y, u, v], `${x},${row}`);
        }
      }
      for (let row = 90; row < 270; row++) for (const x of [160, 161, 478, 479]) assert.equal(canvas.at(0, x, row), y);
    });

    test(`has a contour that stays above black in ${range} range`, () => {
      const black = range === 'full' ? 0 : 16;
      using canvas = new Canvas(640, 360, () => black + 1, range);
      new Overlay(BARE, logger).draw(canvas.picture, message([[0.25, 0.25, 0.5, 0.5]]));
      assert.equal(canvas.at(0, 300, 89), black);
    });
  }

  test('is dashed where it was computed on an earlier frame, with closed corners', () => {
    using canvas = new Canvas(640, 360);
    new Overlay(BARE, logger).draw(canvas.picture, message([[0.25, 0.25, 0.5, 0.5]], { age: 1 }));
    const { y } = toYuv(rgbOf(labelColor('car')), { matrix: 'bt601', range: 'limited' });
    const row = Array.from({ length: 320 }, (_, i) => canvas.at(0, 160 + i, 90) === y);
    const coloured = row.filter(Boolean).length;
    assert.ok(coloured > 320 * 0.45 && coloured < 320 * 0.6, `${coloured} of 320 pixels`);
    for (const [x, at] of [[160, 90], [479, 90], [160, 269], [479, 269]] as const) assert.equal(canvas.at(0, x, at), y, `corner ${x},${at}`);
  });

  test('at the borders of an odd picture is drawn to the last pixel and the last chroma sample', () => {
    using canvas = new Canvas(641, 359);
    new Overlay(BARE, logger).draw(canvas.picture, message([[0, 0, 1, 1]]));
    const { y, u, v } = toYuv(rgbOf(labelColor('car')), { matrix: 'bt601', range: 'limited' });
    assert.deepEqual([canvas.at(0, 640, 100), canvas.at(1, 320, 50), canvas.at(2, 320, 50)], [y, u, v]);
    assert.deepEqual([canvas.at(0, 300, 358), canvas.at(1, 150, 179), canvas.at(2, 150, 179)], [y, u, v]);
  });

  test('has the colours of the matrix that the picture names', () => {
    for (const [space, matrix] of [[AVCOL_SPC_BT709, 'bt709'], [AVCOL_SPC_SMPTE170M, 'bt601']] as const) {
      using canvas = new Canvas(640, 360);
      canvas.picture.frame.colorSpace = space;
      new Overlay(BARE, logger).draw(canvas.picture, message([[0.25, 0.25, 0.5, 0.5]], { label: 'bicycle' }));
      const { u, v } = toYuv(rgbOf(labelColor('bicycle')), { matrix, range: 'limited' });
      assert.deepEqual([canvas.at(1, 160, 45), canvas.at(2, 160, 45)], [u, v]);
    }
  });

  const nothing: [string, Box][] = [
    ['NaN', [Number.NaN, 0, 0.1, 0.1]],
    ['infinite', [0, 0, Infinity, 0.1]],
    ['outside', [2, 2, 0.1, 0.1]],
    ['outside on the left', [-0.5, 0.2, 0.4, 0.1]],
    ['negative in size', [0.5, 0.5, -0.2, -0.2]],
    ['empty', [0.5, 0.5, 0, 0]],
  ];
  for (const [name, box] of nothing) {
    test(`that is ${name} draws nothing`, () => {
      using canvas = new Canvas(64, 64);
      new Overlay(OverlayOptions.parse({}), logger).draw(canvas.picture, message([box]));
      assert.deepEqual(canvas.changed(), { luma: [], chroma: [] });
    });
  }
});

describe('a label', () => {
  const overlay = new Overlay(OverlayOptions.parse({}), logger);

  test('stands above its box, inside where there is no room, and within the frame', async () => {
    await overlay.prepare(['car'], 360);
    for (const box of [[0.3, 0.5, 0.2, 0.2], [0.3, 0, 0.2, 0.2], [0.93, 0.5, 0.07, 0.2], [0, 0, 1, 1], [0.3, 0.02, 0.2, 0.2]] as Box[]) {
      using canvas = new Canvas(640, 360);
      overlay.draw(canvas.picture, message([box]));
      const rows = canvas.changed().luma.map(([, y]) => y);
      const boxTop = edges(box[1], box[3], 360)[0];
      const above = boxTop - Math.min(...rows);
      if (boxTop > 30) assert.ok(above > 10 && above < 30, `${above} pixels above`);
      else assert.ok(above <= 1, `${above} pixels above`);
    }
  });

  test('is a plate in the colour of its box with text that stands out', async () => {
    await overlay.prepare(['car'], 360);
    using canvas = new Canvas(640, 360);
    overlay.draw(canvas.picture, message([[0.3, 0.5, 0.2, 0.2]]));
    const plate = toYuv(rgbOf(labelColor('car')), { matrix: 'bt601', range: 'limited' }).y;
    const [left] = edges(0.3, 0.2, 640);
    const [top] = edges(0.5, 0.2, 360);
    const lumas = Array.from({ length: 14 * 50 }, (_, i) => canvas.at(0, left + (i % 50), top - 15 + Math.floor(i / 50)));
    const ink = lumas.filter((luma) => luma < 60).length;
    assert.ok(ink > 60 && ink < lumas.length / 2, `${ink} dark pixels`);
    assert.ok(lumas.filter((luma) => luma === plate).length > lumas.length / 3);
  });

  test('that was not prepared has its text from a later frame on, and its plate at once', async () => {
    const fresh = new Overlay(OverlayOptions.parse({ scores: false }), logger);
    const ink = (): number => {
      using canvas = new Canvas(640, 360);
      fresh.draw(canvas.picture, message([[0.3, 0.5, 0.4, 0.4]], { label: 'zebra' }));
      const above = canvas.changed().luma.flatMap(([x, y]) => (y < 178 ? [canvas.at(0, x, y)] : []));
      assert.ok(above.length > 50, 'there is no plate');
      return above.filter((luma) => luma > 225 || luma < 30).length;
    };
    assert.equal(ink(), 0);
    await fresh.prepare(['zebra'], 360);
    assert.ok(ink() > 40);
  });

  test('does not hide the label of another box that begins beside it', async () => {
    await overlay.prepare(['car'], 360);
    const plate = toYuv(rgbOf(labelColor('car')), { matrix: 'bt601', range: 'limited' }).y;
    const plated = (boxes: Box[]): number => {
      using canvas = new Canvas(640, 360);
      overlay.draw(canvas.picture, message(boxes));
      let count = 0;
      for (let y = 0; y < 360; y++) for (let x = 0; x < 640; x++) if (canvas.at(0, x, y) === plate) count += 1;
      return count;
    };
    const apart = plated([[0.1, 0.5, 0.2, 0.3], [0.6, 0.5, 0.2, 0.3]]);
    const beside = plated([[0.1, 0.5, 0.2, 0.3], [0.13, 0.51, 0.2, 0.3]]);
    assert.ok(beside > apart * 0.85, `${beside} of ${apart} pixels`);
  });

  for (const label of ['constructor', '__proto__', 'toString', '', '<b>&"', '\u0000\uFFFF', '\uD800', 'x'.repeat(5000)]) {
    test(`may be anything, ${JSON.stringify(label.slice(0, 20))} too`, async () => {
      await overlay.prepare([label], 360);
      using canvas = new Canvas(640, 360);
      overlay.draw(canvas.picture, message([[0.3, 0.5, 0.2, 0.2]], { label }));
      assert.ok(canvas.changed().chroma.length > 0);
    });
  }
});

for (const [width, height] of SIZES) {
  for (const age of [0, 1]) {
    test(`nothing is written beside the planes of a picture of ${width}×${height}, age ${age}`, async () => {
      const overlay = new Overlay(OverlayOptions.parse({}), logger);
      await overlay.prepare(['car'], height);
      using canvas = new Canvas(width, height);
      overlay.draw(canvas.picture, message(HOSTILE, { age }));
      assert.ok(canvas.guarded);
    });
  }
}
