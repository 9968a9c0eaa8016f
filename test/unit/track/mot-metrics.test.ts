import assert from 'node:assert/strict';
import { test } from 'node:test';
import { motMetrics, type MotFrame, type TrackedBox } from '../../support/mot-metrics.ts';

/** A box of a tenth of the picture at a place; places a tenth apart do not overlap. */
function at(track: number, x: number, label = 'car'): TrackedBox {
  return { track, label, box: [x, 0.5, 0.1, 0.1] };
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

test('a tracker that says what is true is perfect', () => {
  const frames = Array.from({ length: 5 }, (_, i): MotFrame => ({ truth: [at(1, 0.1 * i), at(2, 0.8)], found: [at(11, 0.1 * i), at(12, 0.8)] }));
  const { mota, idf1, hota, switches } = motMetrics(frames);
  assert.equal(switches, 0);
  for (const score of [mota, idf1, hota]) near(score, 1);
});

test('one thing under two identities is one switch, and half of it is somebody else', () => {
  const frames = [11, 11, 12, 12].map((track): MotFrame => ({ truth: [at(1, 0.1)], found: [at(track, 0.1)] }));
  const { mota, idf1, hota, switches } = motMetrics(frames);
  assert.equal(switches, 1);
  near(mota, 1 - 1 / 4);
  near(idf1, 2 / 4);
  // Each of the four boxes is with an identity that shares 2 of 4 frames: A = 2 / (4 + 2 - 2).
  near(hota, Math.sqrt(1 * 0.5));
});

test('two things that exchange their identities are two switches', () => {
  const frames = [0, 1, 2].map((i): MotFrame => ({ truth: [at(1, 0.1), at(2, 0.5)], found: i < 2 ? [at(11, 0.1), at(12, 0.5)] : [at(12, 0.1), at(11, 0.5)] }));
  const { mota, idf1, switches } = motMetrics(frames);
  assert.equal(switches, 2);
  near(mota, 1 - 2 / 6);
  near(idf1, 4 / 6);
});

test('misses and false boxes count, also those of another class', () => {
  const frames: MotFrame[] = [
    { truth: [at(1, 0.1), at(2, 0.5)], found: [at(11, 0.1)] },
    { truth: [at(1, 0.1)], found: [at(11, 0.1), at(13, 0.8)] },
    { truth: [at(1, 0.1)], found: [at(14, 0.1, 'bus')] },
  ];
  const { mota, idf1, misses, falseBoxes, switches, boxes } = motMetrics(frames);
  assert.deepEqual({ misses, falseBoxes, switches, boxes }, { misses: 2, falseBoxes: 2, switches: 0, boxes: 4 });
  near(mota, 1 - 4 / 4);
  near(idf1, (2 * 2) / (4 + 4));
});

test('a match goes on while it is possible, even where another box is closer', () => {
  const frames: MotFrame[] = [
    { truth: [at(1, 0.1)], found: [at(11, 0.1)] },
    { truth: [at(1, 0.1)], found: [at(11, 0.12), at(12, 0.1)] },
  ];
  assert.deepEqual([motMetrics(frames).switches, motMetrics(frames).falseBoxes], [0, 1]);
});

test('a box that is a little off is right for some overlaps only', () => {
  // IoU 0.05 / 0.15 = 1/3: right for the six of nineteen thresholds up to 0.30.
  const { mota, hota } = motMetrics([{ truth: [at(1, 0.1)], found: [at(11, 0.15)] }]);
  near(mota, 1 - 2);
  near(hota, 6 / 19);
});

test('a thing that is found again after a gap under another identity is a switch', () => {
  const frames: MotFrame[] = [
    { truth: [at(1, 0.1)], found: [at(11, 0.1)] },
    { truth: [at(1, 0.1)], found: [] },
    { truth: [at(1, 0.1)], found: [at(12, 0.1)] },
  ];
  assert.deepEqual([motMetrics(frames).switches, motMetrics(frames).misses], [1, 1]);
});
