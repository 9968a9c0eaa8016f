import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orientationOf } from '../../../src/pipeline/source/normaliser.ts';

function matrix(a: number, b: number, c: number, d: number): Buffer {
  const bytes = Buffer.alloc(36);
  [a, b, 0, c, d, 0, 0, 0, 0x4000].forEach((value, i) => bytes.writeInt32LE(i < 8 ? value * 65_536 : 0x4000_0000, i * 4));
  return bytes;
}

test('no matrix means upright', () => {
  assert.deepEqual(orientationOf(null), { clockwise: 0, mirrored: false });
});

for (const [name, values, expected] of [
  ['identity', [1, 0, 0, 1], { clockwise: 0, mirrored: false }],
  ['a quarter turn clockwise', [0, 1, -1, 0], { clockwise: 90, mirrored: false }],
  ['a half turn', [-1, 0, 0, -1], { clockwise: 180, mirrored: false }],
  ['a quarter turn counter-clockwise', [0, -1, 1, 0], { clockwise: 270, mirrored: false }],
  ['a mirror', [-1, 0, 0, 1], { clockwise: 0, mirrored: true }],
] as const) {
  test(`${name} is read from its display matrix`, () => {
    assert.deepEqual(orientationOf(matrix(...(values as [number, number, number, number]))), expected);
  });
}
