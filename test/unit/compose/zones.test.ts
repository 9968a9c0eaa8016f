import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import type { Line, Zone } from '../../../src/pipeline/analytics/options.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { spansOf } from '../../../src/pipeline/compose/shape-raster.ts';
import { tintSpans } from '../../../src/pipeline/compose/tint.ts';
import { BACKGROUNDS, Canvas, message } from './canvas.ts';

const YARD: Zone = { name: 'yard', points: [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]] };
const DOOR: Line = { name: 'door', from: [0.5, 0.2], to: [0.5, 0.8] };

async function overlay(scene: { zones?: Zone[]; lines?: Line[] }, options: object = {}, height = 200): Promise<Overlay> {
  const made = new Overlay(OverlayOptions.parse(options), pino({ level: 'silent' }));
  made.configureScene({ zones: [], lines: [], ...scene });
  await made.prepare([], height);
  return made;
}

describe('a zone in the picture', () => {
  it('gives its area its colour and leaves what is seen in it', async () => {
    for (const [name, luma] of BACKGROUNDS) {
      using canvas = new Canvas(300, 200, luma);
      (await overlay({ zones: [YARD] })).draw(canvas.picture, message([]));
      assert.equal(canvas.at(0, 150, 100), luma(150, 100), `${name}: the luma in the middle stays`);
      assert.notEqual(canvas.at(1, 75, 50), 128, 'its chroma does not');
      assert.equal(canvas.at(1, 75, 90), 128, 'nor does anything outside');
      assert.notEqual(canvas.at(0, 75, 150), luma(75, 150), 'there is a border');
      assert(canvas.guarded);
    }
  });

  it('is drawn where a picture has any size, and whatever hangs over its edge', async () => {
    for (const [width, height] of [[2, 2], [17, 31], [64, 48], [301, 199]] as const) {
      using canvas = new Canvas(width, height);
      const corners: Zone = { name: 'all', points: [[0, 0], [1, 0], [1, 1], [0, 1]] };
      const across: Line = { name: 'across', from: [0, 1], to: [1, 0] };
      (await overlay({ zones: [corners], lines: [across] }, {}, height)).draw(canvas.picture, message([]));
      assert(canvas.guarded, `${width}×${height}`);
    }
  });

  it('writes how many are in it', async () => {
    const shown = async (counts: Record<string, number>): Promise<Buffer> => {
      using canvas = new Canvas(300, 200);
      (await overlay({ zones: [YARD] })).draw(canvas.picture, { ...message([]), zones: { yard: { counts, dwell: {} } } });
      return canvas.pixels();
    };
    assert.deepEqual(await shown({ person: 2, car: 3 }), await shown({ person: 5 }), 'all of them together');
    assert.notDeepEqual(await shown({ person: 5 }), await shown({ person: 6 }));
  });

  it('is left out where that is asked for', async () => {
    using canvas = new Canvas(300, 200);
    (await overlay({ zones: [YARD], lines: [DOOR] }, { zones: false })).draw(canvas.picture, message([]));
    assert.deepEqual(canvas.changed(), { luma: [], chroma: [] });
  });

  it('is another one as soon as it is changed', async () => {
    const made = await overlay({ zones: [YARD] });
    using before = new Canvas(300, 200);
    made.draw(before.picture, message([]));
    made.configureScene({ zones: [{ ...YARD, points: [[0, 0], [0.2, 0], [0, 0.2]] }], lines: [] });
    using canvas = new Canvas(300, 200);
    made.draw(canvas.picture, message([]));
    assert.equal(canvas.at(1, 75, 50), 128);
  });
});

describe('a line in the picture', () => {
  it('has an arrow to where “in” is', async () => {
    const pixelsBeside = async (line: Line): Promise<[left: number, right: number]> => {
      using canvas = new Canvas(300, 200);
      (await overlay({ lines: [line] }, { labels: false })).draw(canvas.picture, message([]));
      // Below the label, which stands at the upper end.
      const { luma } = canvas.changed();
      const beside = luma.filter(([, y]) => y > 80 && y < 120);
      return [beside.filter(([x]) => x < 145).length, beside.filter(([x]) => x > 155).length];
    };
    const [left, none] = await pixelsBeside(DOOR);
    assert(left > 10 && none === 0, 'walking down, the right hand is to the left of the picture');
    const [nothing, right] = await pixelsBeside({ ...DOOR, from: DOOR.to, to: DOOR.from });
    assert(right > 10 && nothing === 0);
  });

  it('writes both of its counts', async () => {
    const shown = async (into: number, out: number): Promise<Buffer> => {
      using canvas = new Canvas(300, 200);
      (await overlay({ lines: [DOOR] })).draw(canvas.picture, { ...message([]), lines: { door: { in: { person: into }, out: { person: out } } } });
      return canvas.pixels();
    };
    const reference = await shown(12, 7);
    assert.deepEqual(await shown(12, 7), reference);
    assert.notDeepEqual(await shown(13, 7), reference);
    assert.notDeepEqual(await shown(12, 8), reference);
  });
});

it('the samples of a polygon are those whose centres lie in it', () => {
  const spans = (points: [number, number][], scale: number): number[][] => {
    const flat = [...spansOf(points, scale, { width: 10, height: 10 })];
    return flat.length === 0 ? [] : Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(3 * i, 3 * i + 3));
  };
  assert.deepEqual(spans([[1, 1], [4, 1], [4, 3], [1, 3]], 1), [[1, 1, 4], [2, 1, 4]]);
  assert.deepEqual(spans([[2, 2], [8, 2], [8, 6], [2, 6]], 0.5), [[1, 1, 4], [2, 1, 4]]);
  assert.deepEqual(spans([[-5, -5], [50, -5], [50, 0.6], [-5, 0.6]], 1), [[0, 0, 10]], 'what lies outside is cut off');
  assert.deepEqual(spans([[1, 1], [1.4, 1], [1.4, 1.4]], 1), [], 'too small for any');
});

it('samples are tinted alike, whether four at once or one by one', () => {
  const line = Array.from({ length: 256 }, (_, i) => i);
  for (const value of [0, 1, 16, 128, 240, 255]) {
    const expected = line.map((sample) => Math.floor((11 * sample + 5 * value + 8) / 16));
    // Lines of 256 are made of words, lines of 257 are not; spans begin and end inside of words.
    for (const stride of [256, 257]) {
      for (const [first, end] of [[0, 256], [1, 255], [2, 3], [5, 7], [3, 8], [250, 256]] as const) {
        const plane = Buffer.alloc(2 * stride, 7);
        plane.set(line, stride);
        tintSpans(plane, stride, Int32Array.of(1, first, end), value);
        assert.deepEqual([...plane.subarray(stride, stride + 256)], line.map((sample, i) => (i >= first && i < end ? expected[i] : sample)), `${value}, ${stride}, ${first} to ${end}`);
        assert(plane.subarray(0, stride).every((sample) => sample === 7));
      }
    }
  }
});
