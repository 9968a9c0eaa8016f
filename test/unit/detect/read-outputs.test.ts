import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputTensor } from '../../../src/pipeline/detect/families/decoder.ts';
import { MAX_DETECTIONS, readOutputs } from '../../../src/pipeline/detect/read-outputs.ts';
import { iou, suppress } from '../../../src/pipeline/detect/suppress.ts';
import { manifestOf } from '../../support/detect.ts';

const manifest = manifestOf({ family: 'end2end', labels: ['cat', 'dog'], threshold: 0.3 });

function rows(...boxes: number[][]): OutputTensor[] {
  return [{ name: 'output', dims: [boxes.length, 6], data: Float32Array.from(boxes.flat()) }];
}

test('boxes become fractions of the letterboxed picture, not of the filling', () => {
  const seen = readOutputs(rows([16, 24, 48, 32, 0.5, 1]), manifest, { content: [0, 16, 64, 32] });
  assert.deepEqual(seen, [{ label: 'dog', score: 0.5, box: [0.25, 0.25, 0.5, 0.25] }]);
});

test('boxes are clipped to the picture, and dropped where nothing of them lies in it', () => {
  const seen = readOutputs(rows([-10, 8, 32, 99, 0.5, 0], [0, 0, 64, 15, 0.9, 0], [70, 20, 80, 30, 0.9, 0]), manifest, { content: [0, 16, 64, 32] });
  assert.deepEqual(seen, [{ label: 'cat', score: 0.5, box: [0, 0, 0.5, 1] }]);
});

test('only wanted labels are given, and scores from the threshold on', () => {
  const outputs = rows([0, 0, 8, 8, 0.9, 0], [0, 0, 8, 8, 0.5, 1], [0, 0, 8, 8, 0.4, 1]);
  const content = [0, 0, 64, 64] as const;
  assert.deepEqual(readOutputs(outputs, manifest, { content: [...content], classes: ['dog'] }).map(({ score }) => score), [0.5, Math.fround(0.4)]);
  assert.equal(readOutputs(outputs, manifest, { content: [...content], threshold: 0.6 }).length, 1);
});

test('labels that the manifest does not have, and coordinates that are no numbers, are left out', () => {
  const outputs = rows([0, 0, 8, 8, 0.9, 7], [Number.NaN, 0, 8, 8, 0.9, 0], [0, 0, Infinity, 8, 0.9, 0]);
  assert.deepEqual(readOutputs(outputs, manifest, { content: [0, 0, 64, 64] }), []);
});

test('a flood of boxes is bounded, the best first', () => {
  const flood = Array.from({ length: 5000 }, (_, i) => [0, 0, 8, 8, 0.3 + i / 10_000, 0]);
  const seen = readOutputs(rows(...flood), manifest, { content: [0, 0, 64, 64] });
  assert.equal(seen.length, MAX_DETECTIONS);
  assert.equal(seen[0]!.score, Math.fround(0.3 + 4999 / 10_000));
});

test('suppression keeps the best of boxes of one class that overlap, and boxes of other classes', () => {
  const box = (x1: number, score: number, label: number) => ({ x1, y1: 0, x2: x1 + 10, y2: 10, score, label });
  const [best, near, far, other] = [box(0, 0.9, 0), box(2, 0.8, 0), box(8, 0.7, 0), box(0, 0.6, 1)] as const;
  assert.ok(Math.abs(iou(best, near) - 80 / 120) < 1e-9);
  assert.deepEqual(suppress([other, far, near, best], 0.5, 100), [best, far, other]);
  assert.deepEqual(suppress([other, far, near, best], undefined, 2), [best, near]);
});
