import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputPacker } from '../../../src/pipeline/detect/input-tensor.ts';
import { PLAIN_INPUT } from '../../support/detect.ts';

/** Planes of red, green and blue: its first pixel is 1, 2, 3. */
const PICTURE = Uint8Array.from([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
const SIZE = { width: 2, height: 2 };

function pack(spec: Partial<typeof PLAIN_INPUT>, at = 0): number[] {
  const tensor = new Float32Array(at + 12);
  inputPacker({ ...PLAIN_INPUT, ...SIZE, ...spec })(PICTURE, tensor, at);
  return [...tensor];
}

test('planes come one after another', () => {
  assert.deepEqual(pack({ layout: 'nchw' }), [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
});

test('channels last keeps pixels together', () => {
  assert.deepEqual(pack({ layout: 'nhwc', color: 'bgr' }), [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]);
});

test('mean and deviation are in the order of the tensor, after the scale', () => {
  const values = pack({ color: 'bgr', scale: 0.5, mean: [1, 0, 0], std: [2, 1, 1] });
  assert.deepEqual(values.slice(0, 4), [3, 6, 9, 12].map((blue) => (blue * 0.5 - 1) / 2));
  assert.deepEqual(values.slice(4, 8), [2, 5, 8, 11].map((green) => green * 0.5));
});

test('a batch is written picture by picture', () => {
  assert.deepEqual(pack({}, 3).slice(0, 4), [0, 0, 0, 1]);
});
