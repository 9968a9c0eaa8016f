import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readTimecode } from '../../../src/demo/timecode.ts';
import { StreetScene, type SceneObject } from '../../../src/demo/scene.ts';
import { GuardedCanvas, SMALL } from './canvas.ts';

describe('a scene', () => {
  let scene: StreetScene;
  before(async () => {
    scene = await StreetScene.create(SMALL);
  });
  after(() => scene.close());

  test('gives the same picture and truth for a frame, however it is reached', async () => {
    const [first, second] = [new GuardedCanvas(320, 180), new GuardedCanvas(320, 180)];
    let truth: SceneObject[] = [];
    for (let index = 0; index <= 40; index += 1) truth = first.draw(scene, index);
    const again = await StreetScene.create(SMALL);
    assert.deepEqual(second.draw(again, 40), truth);
    assert.ok(second.pixels().equals(first.pixels()), 'a fresh scene draws another picture');
    second.draw(again, 90);
    assert.deepEqual(second.draw(again, 40), truth);
    assert.ok(second.pixels().equals(first.pixels()), 'going back gives another picture');
    again.close();
  });

  test('looks different with every seed', async () => {
    const other = await StreetScene.create({ ...SMALL, seed: 8 });
    const [a, b] = [new GuardedCanvas(320, 180), new GuardedCanvas(320, 180)];
    a.draw(scene, 0);
    b.draw(other, 0);
    const [left, right] = [a.pixels(), b.pixels()];
    const different = left.filter((value, i) => value !== right[i]).length;
    assert.ok(different > left.length / 3, `only ${different} of ${left.length} bytes differ`);
    other.close();
  });

  test('boxes are tight around what their object adds to the picture', () => {
    const canvas = new GuardedCanvas(320, 180);
    let checked = 0;
    for (const index of [0, 150, 400]) {
      const truth = canvas.draw(scene, index);
      const whole = canvas.pixels();
      for (const { track, box, visibility } of truth) {
        canvas.draw(scene, index, new Set([track]));
        const added = boxOfDifference(whole, canvas.pixels(), 320, 180);
        assert.ok(added !== undefined, `track ${track} adds nothing to frame ${index}`);
        const [left, top, right, bottom] = edges(box, 320, 180);
        // A pixel more on each side may be touched, by less than half.
        assert.ok(
          added[0] >= left - 1 && added[1] >= top - 1 && added[2] <= right + 1 && added[3] <= bottom + 1,
          `track ${track} of frame ${index} is also outside its box`,
        );
        if (visibility < 1) continue;
        checked += 1;
        const slack = [added[0] - left, added[1] - top, right - added[2], bottom - added[3]];
        assert.ok(Math.max(...slack) <= 1, `the box of track ${track} in frame ${index} is too large: ${slack.join()}`);
      }
    }
    assert.ok(checked >= 10, `only ${checked} objects stood free`);
  });

  test('what is nearer hides what is farther: visibility tells how much', () => {
    const canvas = new GuardedCanvas(320, 180);
    let uncovered = 0;
    for (const index of [0, 60, 150, 400]) {
      const truth = canvas.draw(scene, index);
      for (const object of truth.filter(({ visibility }) => visibility < 0.8 && visibility > 0.3)) {
        const inside = edges(object.box, 320, 180);
        if (inside[0] === 0 || inside[2] === 320) continue;
        const others = new Set(truth.map(({ track }) => track).filter((track) => track !== object.track));
        const alone = canvas.draw(scene, index, others).find(({ track }) => track === object.track);
        assert.ok(alone !== undefined && alone.visibility >= object.visibility);
        if (alone.visibility > object.visibility + 0.1) uncovered += 1;
      }
    }
    assert.ok(uncovered > 0, 'nobody was hidden by anybody');
  });

  test('the truth has known labels, boxes inside the frame, and no track twice', () => {
    const canvas = new GuardedCanvas(320, 180);
    const labels = new Set<string>();
    for (let index = 0; index < 2400; index += 60) {
      const truth = canvas.draw(scene, index);
      assert.equal(new Set(truth.map(({ track }) => track)).size, truth.length);
      for (const {
        label,
        box: [x, y, width, height],
        visibility,
      } of truth) {
        labels.add(label);
        assert.ok(x >= 0 && y >= 0 && width > 0 && x + width <= 1 + 1e-9 && y + height <= 1 + 1e-9);
        assert.ok(height * 180 >= 8 - 1e-9);
        assert.ok(visibility >= 0.25 && visibility <= 1);
      }
    }
    assert.deepEqual([...labels].sort(), ['bicycle', 'bus', 'car', 'person', 'truck']);
  });

  test('objects move steadily and keep track and label', () => {
    const canvas = new GuardedCanvas(320, 180);
    let known = new Map<number, SceneObject>();
    let met = 0;
    for (let index = 0; index < 200; index += 1) {
      const truth = canvas.draw(scene, index);
      for (const object of truth) {
        const was = known.get(object.track);
        if (was === undefined) continue;
        met += 1;
        assert.equal(object.label, was.label);
        const moved = Math.abs(object.box[0] + object.box[2] / 2 - was.box[0] - was.box[2] / 2);
        assert.ok(moved < 0.02, `track ${object.track} jumps by ${moved} in frame ${index}`);
      }
      known = new Map(truth.map((object) => [object.track, object]));
    }
    assert.ok(met > 500);
  });

  test('a closed scene refuses to draw, and may be closed again', async () => {
    const closed = await StreetScene.create(SMALL);
    closed.close();
    closed.close();
    assert.throws(() => new GuardedCanvas(320, 180).draw(closed, 0), /closed/);
  });
});

test('night is darker than day', async () => {
  const canvas = new GuardedCanvas(320, 180);
  const mean = async (light: 'day' | 'night'): Promise<number> => {
    const scene = await StreetScene.create({ ...SMALL, light });
    canvas.draw(scene, 0);
    scene.close();
    const luma = canvas.pixels().subarray(0, 320 * 180);
    return luma.reduce((sum, value) => sum + value, 0) / luma.length;
  };
  assert.ok((await mean('day')) > (await mean('night')) + 30);
});

test('over a cycle the light changes without a jump between two frames', async () => {
  const scene = await StreetScene.create({ ...SMALL, light: 'cycle', density: 0 });
  const canvas = new GuardedCanvas(320, 180);
  canvas.draw(scene, 1200);
  let previous = canvas.pixels();
  let largest = 0;
  for (let index = 1201; index < 1260; index += 1) {
    canvas.draw(scene, index);
    const pixels = canvas.pixels();
    for (let i = 0; i < 320 * 180; i += 1) largest = Math.max(largest, Math.abs(pixels[i]! - previous[i]!));
    previous = pixels;
  }
  assert.ok(largest > 0 && largest <= 16, `the largest change is ${largest}`);
  scene.close();
});

for (const [width, height] of [
  [161, 91],
  [321, 181],
  [163, 640],
  [1001, 160],
] as const) {
  test(`${width}×${height} is drawn whole, and nothing beside it is written`, async () => {
    const scene = await StreetScene.create({ ...SMALL, width, height, density: 1, timecode: true });
    const canvas = new GuardedCanvas(width, height);
    for (const index of [0, 1, 90, 300]) {
      canvas.draw(scene, index);
      scene.drawTimecode({ seq: index, rtp: 0, capturedAt: 1763650000123 }, canvas.planes, canvas.strides);
      canvas.assertUntouchedOutside();
    }
    const pixels = canvas.pixels();
    assert.ok(
      pixels.every((value) => value >= 16 && value <= 240),
      'a value is outside the limited range',
    );
    scene.close();
  });
}

test('the time code is drawn over everything', async () => {
  const scene = await StreetScene.create({ ...SMALL, width: 800, height: 450, density: 1 });
  const canvas = new GuardedCanvas(800, 450);
  canvas.draw(scene, 5);
  scene.drawTimecode({ seq: 4711, rtp: 1, capturedAt: 1763650000123.4 }, canvas.planes, canvas.strides);
  assert.deepEqual(readTimecode(canvas.planes[0], canvas.strides[0]), { seq: 4711, capturedAt: 1763650000123 });
  scene.close();
});

test('options that are not allowed are refused', async () => {
  await assert.rejects(StreetScene.create({ ...SMALL, width: 12 }), { name: 'ZodError' });
});

type Edges = readonly [left: number, top: number, right: number, bottom: number];

function edges([x, y, w, h]: SceneObject['box'], width: number, height: number): Edges {
  return [Math.round(x * width), Math.round(y * height), Math.round((x + w) * width), Math.round((y + h) * height)];
}

/** The box of the luma that differs, right and bottom exclusive. */
function boxOfDifference(a: Buffer, b: Buffer, width: number, height: number): Edges | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let i = 0; i < width * height; i += 1) {
    if (a[i] === b[i]) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return right > left ? [left, top, right, bottom] : undefined;
}
