import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTimecode, writeTimecode } from '../../../src/demo/timecode.ts';
import { Random } from '../../../src/demo/random.ts';

const [WIDTH, HEIGHT, STRIDE] = [800, 64, 832];

function picture(): readonly [Uint8Array, Uint8Array, Uint8Array] {
  return [new Uint8Array(STRIDE * HEIGHT).fill(120), new Uint8Array((STRIDE * HEIGHT) / 2).fill(90), new Uint8Array((STRIDE * HEIGHT) / 2).fill(90)];
}

function write(id: { seq: number; capturedAt: number }): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const planes = picture();
  writeTimecode(id, planes, [STRIDE, STRIDE / 2, STRIDE / 2], WIDTH, HEIGHT);
  return planes;
}

for (const seq of [0, 1, 0x8000_0000, 0xffff_ffff, 4711]) {
  test(`frame ${seq} reads back, with its time rounded down to the millisecond`, () => {
    const [luma] = write({ seq, capturedAt: 1763650000123.9 });
    assert.deepEqual(readTimecode(luma, STRIDE), { seq, capturedAt: 1763650000123 });
  });
}

test('squares are 16 pixels wide from the corner on, white for one, black for nought, without colour', () => {
  const [luma, u, v] = write({ seq: 0b10, capturedAt: 1 });
  for (const [square, row, value] of [[0, 0, 16], [1, 0, 235], [2, 0, 16], [0, 1, 235], [1, 1, 16], [47, 1, 16]] as const) {
    for (const [dx, dy] of [[0, 0], [15, 0], [0, 15], [15, 15]] as const) {
      assert.equal(luma[(row * 16 + dy) * STRIDE + square * 16 + dx], value);
    }
  }
  assert.equal(luma[32 * 16], 120, 'row 1 has 32 squares');
  assert.equal(luma[32 * STRIDE], 120, 'there are two rows');
  assert.equal(u[0], 128);
  assert.equal(v[15 * (STRIDE / 2) + 383], 128);
});

test('it survives noise, blur and a loss of contrast', () => {
  const random = new Random(3);
  const id = { seq: 0xdead_beef, capturedAt: 1763650000123 };
  const [luma] = write(id);
  const blurred = luma.map((_, i) => {
    const around = [-2, -1, 0, 1, 2].map((d) => luma[i + d] ?? 120);
    return 30 + (0.8 * around.reduce((sum, value) => sum + value, 0)) / 5 + random.range(-25, 25);
  });
  assert.deepEqual(readTimecode(blurred, STRIDE), id);
});

test('a picture without a time code gives none', () => {
  const [luma] = picture();
  assert.equal(readTimecode(luma, STRIDE), undefined);
});

test('one grey square spoils the reading instead of falsifying it', () => {
  const [luma] = write({ seq: 5, capturedAt: 9 });
  for (let row = 0; row < 16; row += 1) luma.fill(126, row * STRIDE + 64, row * STRIDE + 80);
  assert.equal(readTimecode(luma, STRIDE), undefined);
});

test('a picture that is too small for it gives none', () => {
  assert.equal(readTimecode(new Uint8Array(320 * 180), 320), undefined);
  assert.equal(readTimecode(new Uint8Array(800 * 8), 800), undefined);
});
