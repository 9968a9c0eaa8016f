import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OutputTensor, RawBox } from '../../../src/pipeline/detect/families/decoder.ts';
import { DECODERS } from '../../../src/pipeline/detect/families/table.ts';
import { Family, type ModelManifest } from '../../../src/pipeline/detect/manifest.ts';
import { manifestOf } from '../../support/detect.ts';

function tensor(name: string, dims: number[], values: Record<number, number> = {}, fill = 0): OutputTensor {
  const data = new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(fill);
  for (const [index, value] of Object.entries(values)) data[Number(index)] = value;
  return { name, dims, data };
}

function decode(family: Family, outputs: OutputTensor[], changes: Parameters<typeof manifestOf>[0] = {}, threshold = 0.25): RawBox[] {
  const manifest: ModelManifest = manifestOf({ family, ...changes });
  return DECODERS[family](outputs, manifest, threshold);
}

function assertBoxes(actual: RawBox[], expected: RawBox[]): void {
  const rounded = (boxes: RawBox[]): unknown => boxes.map((box) => Object.fromEntries(Object.entries(box).map(([key, value]) => [key, Math.round((value as number) * 1000) / 1000])));
  assert.deepEqual(rounded(actual), rounded(expected));
}

const LOG2 = Math.log(2);

describe('a YOLOX grid', () => {
  // 64×64: 8×8 cells of stride 8, 4×4 of 16, 2×2 of 32.
  const CELLS = 64 + 16 + 4;

  test('gives boxes in pixels from offsets and logarithms in units of each stride', () => {
    const at = (cell: number): number => cell * 7;
    const cells = {
      [at(9)]: 0.5, [at(9) + 1]: 0.25, [at(9) + 2]: LOG2, [at(9) + 3]: 0, [at(9) + 4]: 0.9, [at(9) + 6]: 0.8,
      [at(64 + 5)]: 0, [at(64 + 5) + 1]: 0, [at(64 + 5) + 4]: 1, [at(64 + 5) + 5]: 0.5,
      [at(80 + 3)]: 0.5, [at(80 + 3) + 1]: 0.5, [at(80 + 3) + 4]: 0.5, [at(80 + 3) + 5]: 1,
    };
    assertBoxes(decode('yolox', [tensor('output', [CELLS, 7], cells)]), [
      { x1: 12 - 8, y1: 10 - 4, x2: 12 + 8, y2: 10 + 4, score: 0.72, label: 1 },
      { x1: 8, y1: 8, x2: 24, y2: 24, score: 0.5, label: 0 },
      { x1: 48 - 16, y1: 48 - 16, x2: 64, y2: 64, score: 0.5, label: 0 },
    ]);
  });

  test('leaves out what is below the threshold, and what is not a number', () => {
    const cells = { 4: 0.5, 5: 0.4, 11: Number.NaN, 12: 1 };
    assert.deepEqual(decode('yolox', [tensor('output', [CELLS, 7], cells)], {}, 0.3), []);
  });
});

describe('decoded YOLO outputs', () => {
  test('without objectness hold a box a column', () => {
    const boxes = 10;
    const values = { 3: 32, [boxes + 3]: 16, [2 * boxes + 3]: 20, [3 * boxes + 3]: 8, [5 * boxes + 3]: 0.75 };
    assertBoxes(decode('yolov8', [tensor('output0', [6, boxes], values)]), [{ x1: 22, y1: 12, x2: 42, y2: 20, score: 0.75, label: 1 }]);
  });

  test('with objectness hold a box a row', () => {
    const values = { 14: 32, 15: 16, 16: 20, 17: 8, 18: 0.5, 19: 0.8, 20: 0.1 };
    assertBoxes(decode('yolov8', [tensor('output', [12, 7], values)]), [{ x1: 22, y1: 12, x2: 42, y2: 20, score: 0.4, label: 0 }]);
  });
});

test('end-to-end outputs are taken as they are, corner by corner', () => {
  const values = { 0: 1, 1: 2, 2: 30, 3: 40, 4: 0.9, 5: 1, 10: 0.1 };
  assertBoxes(decode('end2end', [tensor('output0', [3, 6], values)]), [{ x1: 1, y1: 2, x2: 30, y2: 40, score: 0.9, label: 1 }]);
});

describe('transformers', () => {
  test('that pick by themselves give fractions and whole labels', () => {
    const outputs: OutputTensor[] = [
      { name: 'labels', dims: [2], data: new BigInt64Array([1n, 0n]) },
      tensor('boxes', [2, 4], { 0: 0.25, 1: 0.5, 2: 0.75, 3: 1 }),
      tensor('scores', [2], { 0: 0.6, 1: 0.1 }),
    ];
    assertBoxes(decode('detr', outputs, { input: { height: 32 } }), [{ x1: 16, y1: 16, x2: 48, y2: 32, score: 0.6, label: 1 }]);
  });

  test('with logits give an object for each label that is likely', () => {
    const outputs = [tensor('logits', [2, 2], { 0: 2, 1: 1 }, -9), tensor('pred_boxes', [2, 4], { 0: 0.5, 1: 0.5, 2: 0.5, 3: 0.25 })];
    const corners = { x1: 16, y1: 24, x2: 48, y2: 40 };
    assertBoxes(decode('detr', outputs), [
      { ...corners, score: 1 / (1 + Math.exp(-2)), label: 0 },
      { ...corners, score: 1 / (1 + Math.exp(-1)), label: 1 },
    ]);
  });

  test('with a column for no object are read by softmax', () => {
    const outputs = [tensor('logits', [2, 3], { 0: Math.log(6), 1: Math.log(3), 2: 0, 5: 9 }), tensor('boxes', [2, 4], { 0: 0.5, 1: 0.5, 2: 1, 3: 1 })];
    assertBoxes(decode('detr', outputs, {}, 0.5), [{ x1: 0, y1: 0, x2: 64, y2: 64, score: 0.6, label: 0 }]);
  });
});

describe('distributions over distances', () => {
  const levels = (named: boolean): OutputTensor[] => {
    // A certain distance is a distribution with one high logit; 2.5 lies half way between bins 2 and 3.
    const certain = (cell: number, bins: number[]): Record<number, number> => Object.fromEntries(bins.map((bin, side) => [(cell * 4 + side) * 8 + bin, 50]));
    const sides = { ...certain(9, [1, 2, 3, 2]), [(9 * 4 + 3) * 8 + 3]: 50 };
    const name = (kind: string, stride: number): string => (named ? `${kind}_pred_stride_${stride}` : `scale_${kind === 'cls' ? stride : stride + 100}`);
    return [
      tensor(name('cls', 8), [64, 2], { 18: 0.5, 19: 0.4 }),
      tensor(name('cls', 16), [16, 2]),
      tensor(name('dis', 8), [64, 32], sides),
      tensor(name('dis', 16), [16, 32]),
    ];
  };
  const corners = { x1: 12 - 8, y1: 12 - 16, x2: 12 + 24, y2: 12 + 20 };

  for (const named of [true, false]) {
    test(`become boxes around the cell's centre, for each label that is likely (${named ? 'by name' : 'by order'})`, () => {
      assertBoxes(decode('gfl', levels(named)), [
        { ...corners, score: 0.5, label: 0 },
        { ...corners, score: 0.4, label: 1 },
      ]);
    });
  }
});

test('single-shot outputs skip the background and scale fractions by both sides', () => {
  const outputs = [tensor('scores', [3, 3], { 3: 0.9, 4: 0.1, 8: 0.8, 6: 0.2 }), tensor('boxes', [3, 4], { 8: 0.25, 9: 0.25, 10: 0.5, 11: 1 })];
  assertBoxes(decode('ssd', outputs, { input: { width: 32 } }), [{ x1: 8, y1: 16, x2: 16, y2: 64, score: 0.8, label: 1 }]);
});

test('FastestDet offsets are tanh in cells, sizes sigmoid, and the score mixes objectness and class', () => {
  const plane = 16;
  const cell = 6;
  const values = { [cell]: 0.5, [plane + cell]: 0, [2 * plane + cell]: Math.atanh(0.5), [3 * plane + cell]: 0, [4 * plane + cell]: Math.log(1 / 3), [6 * plane + cell]: 0.9 };
  const score = 0.5 ** 0.6 * 0.9 ** 0.4;
  assertBoxes(decode('fastestdet', [tensor('758', [7, 4, 4], values)]), [{ x1: 32 - 16, y1: 24 - 8, x2: 32 + 16, y2: 24 + 8, score, label: 1 }]);
});

for (const family of Family.options) {
  test(`outputs of another shape are refused by ${family}, with the shape`, () => {
    assert.throws(() => decode(family, [tensor('odd', [5, 3])]), { name: 'DetectError', code: 'model-mismatch', message: /odd \[5, 3\]/ });
  });
}
