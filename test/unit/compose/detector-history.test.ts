import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection } from '../../../src/pipeline/annotation.ts';
import { between, DetectorHistory } from '../../../src/pipeline/compose/detector-history.ts';
import type { FrameId } from '../../../src/pipeline/frame.ts';

function idOf(seq: number): FrameId {
  return { seq, rtp: seq * 3000, capturedAt: (seq * 1000) / 30 };
}

function car(x: number, track?: number): Detection {
  return { detector: 'd', label: 'car', score: 0.9, box: [x, 0.4, 0.1, 0.1], ...(track === undefined ? {} : { track }) };
}

function history(): DetectorHistory {
  let id = 0;
  return new DetectorHistory(() => ++id);
}

test('what no frame can need any more is forgotten', () => {
  const results = history();
  for (let seq = 0; seq < 1000; seq++) {
    results.add(idOf(seq), [car(0.5)]);
    results.forgetBefore(seq);
  }
  assert.equal(results.from(0)!.id.seq, 999);
});

test('frames that are still to leave keep the results they need', () => {
  const results = history();
  for (const seq of [10, 12, 14]) results.add(idOf(seq), [car(0.5)]);
  results.forgetBefore(12);
  assert.deepEqual([11, 12, 13, 14].map((seq) => results.upTo(seq)?.id.seq), [undefined, 12, 12, 14]);
});

test('a result for frames that have all left is of no use', () => {
  const results = history();
  for (const seq of [10, 12]) results.add(idOf(seq), [car(0.5)]);
  results.forgetBefore(12);
  assert.equal(results.add(idOf(11), [car(0.5)]), false);
  assert.equal(results.add(idOf(12), [car(0.5)]), false);
  assert.equal(results.add(idOf(13), [car(0.5)]), true);
});

test('a result that the next frame’s own has overtaken is of no use', () => {
  const results = history();
  results.add(idOf(12), [car(0.5)]);
  results.forgetBefore(11);
  assert.equal(results.add(idOf(10), [car(0.5)]), false);
});

test('a result of a frame that has left serves those between it and the next result', () => {
  const results = history();
  results.add(idOf(9), [car(0.5)]);
  results.forgetBefore(11);
  results.add(idOf(15), [car(0.5)]);
  assert.equal(results.add(idOf(10), [car(0.5)]), true);
  assert.deepEqual([12, 14, 15].map((seq) => results.upTo(seq)!.id.seq), [10, 10, 15]);
});

test('between two results a box is where its share of the time puts it, and what only the first one saw stays', () => {
  const [earlier, later] = [
    { id: idOf(0), detections: [car(0.1, 1), car(0.7, 2)] },
    { id: idOf(4), detections: [car(0.3, 1)] },
  ];
  const boxes = between(earlier, later, idOf(1).capturedAt).map(({ box }) => box[0]);
  assert.ok(Math.abs(boxes[0]! - 0.15) < 1e-9);
  assert.equal(boxes[1], 0.7);
});
