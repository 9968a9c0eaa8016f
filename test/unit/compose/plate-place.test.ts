import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { placePlate } from '../../../src/pipeline/compose/plate-place.ts';
import { sharedArea, type Rect } from '../../../src/pipeline/compose/rect.ts';

const PICTURE = { width: 640, height: 360 };
const SIZE = { width: 80, height: 16 };

function rect(left: number, top: number, width: number, height: number): Rect {
  return { left, top, right: left + width, bottom: top + height };
}

test('a plate stands above its box, and inside at the top of the picture', () => {
  assert.deepEqual(placePlate(rect(100, 100, 50, 50), SIZE, PICTURE, []), rect(100, 84, 80, 16));
  assert.deepEqual(placePlate(rect(100, 10, 50, 50), SIZE, PICTURE, []), rect(100, 10, 80, 16));
});

test('a plate at the right border is moved into the picture', () => {
  assert.deepEqual(placePlate(rect(600, 100, 40, 50), SIZE, PICTURE, []), rect(560, 84, 80, 16));
});

test('a plate goes elsewhere at its box where it would hide another', () => {
  const box = rect(100, 100, 50, 50);
  const first = placePlate(box, SIZE, PICTURE, []);
  const second = placePlate(box, SIZE, PICTURE, [first]);
  const third = placePlate(box, SIZE, PICTURE, [first, second]);
  assert.equal(sharedArea(first, second) + sharedArea(first, third) + sharedArea(second, third), 0);
});

test('a plate may touch the margin of another, so that places do not change for nothing', () => {
  assert.deepEqual(placePlate(rect(176, 100, 50, 50), SIZE, PICTURE, [rect(100, 84, 80, 16)]), rect(176, 84, 80, 16));
});

test('a plate lies on even pixels and in the picture, unless it is larger', () => {
  const even = (max: number) => fc.integer({ min: 0, max }).map((value) => 2 * value);
  fc.assert(
    fc.property(even(320), even(180), even(320), even(180), even(100), even(20), fc.array(fc.tuple(even(280), even(170)), { maxLength: 30 }), (left, top, w, h, width, height, others) => {
      const box = { left, top, right: Math.min(642, left + w), bottom: Math.min(362, top + h) };
      const plate = placePlate(box, { width, height }, { width: 641, height: 359 }, others.map(([x, y]) => rect(x, y, 80, 16)));
      for (const edge of Object.values(plate)) assert.equal(edge % 2, 0);
      assert.ok(plate.left >= 0 && plate.top >= 0 && plate.right <= 641 && plate.bottom <= 359, JSON.stringify(plate));
      assert.deepEqual([plate.right - plate.left, plate.bottom - plate.top], [width, height]);
    }),
  );
});
