import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lightLevel, lookAt } from '../../../src/demo/light.ts';

test('day and night stay as they are', () => {
  for (const time of [0, 100, 1e6]) {
    assert.equal(lightLevel('day', time), 0);
    assert.equal(lightLevel('night', time), 3);
  }
});

test('a cycle goes through all levels, slowly, and begins by day', () => {
  assert.equal(lightLevel('cycle', 0), 0);
  const levels = Array.from({ length: 30 * 500 }, (_, frame) => lightLevel('cycle', frame / 30));
  assert.equal(Math.max(...levels), 3);
  assert.equal(Math.min(...levels), 0);
  levels.slice(1).forEach((level, i) => assert.ok(Math.abs(level - levels[i]!) < 0.005, `a jump at frame ${i}`));
});

test('looks between two times of day lie between theirs', () => {
  const [day, between, golden] = [lookAt(0), lookAt(0.25), lookAt(1)];
  assert.ok(between.ambient[2] < day.ambient[2] && between.ambient[2] > golden.ambient[2]);
  assert.deepEqual(lookAt(3), lookAt(3.5 - 0.5));
});
