import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layerFor } from '../../../src/signaling/scalability-mode.ts';

test('a viewer that needs a width gets the smallest layer that is at least as wide', () => {
  const widths = [1, 320, 321, 640, 641, 1280];
  assert.deepEqual(widths.map((width) => layerFor(width, 1280, 3)), [0, 0, 1, 1, 2, 2]);
  assert.deepEqual(widths.map((width) => layerFor(width, 1280, 2)), [0, 0, 0, 0, 1, 1]);
});

test('a viewer that needs more than there is gets the largest layer', () => {
  assert.equal(layerFor(1920, 1280, 3), 2);
  assert.equal(layerFor(1920, 1280, 1), 0);
});
