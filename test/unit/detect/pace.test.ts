import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../../src/pipeline/detect/pace.ts';

/** The sequence numbers that are looked at, of `count` frames that come every `intervalMs`. */
function looked(pace: Pace, count: number, intervalMs: number, firstSeq = 0): number[] {
  return Array.from({ length: count }, (_, i) => ({ seq: (firstSeq + i) >>> 0, rtp: 0, capturedAt: 1000 + i * intervalMs }))
    .filter((id) => {
      const due = pace.due(id);
      if (due) pace.took(id);
      return due;
    })
    .map(({ seq }) => seq);
}

test('without a limit every frame is looked at', () => {
  assert.deepEqual(looked(new Pace({}), 4, 33), [0, 1, 2, 3]);
});

test('one in so many is counted from the last that was looked at', () => {
  assert.deepEqual(looked(new Pace({ every: 3 }), 8, 33, 10), [10, 13, 16]);
});

test('counting goes on across the wrap of sequence numbers', () => {
  assert.deepEqual(looked(new Pace({ every: 2 }), 5, 33, 0xffff_fffe), [0xffff_fffe, 0, 2]);
});

for (const [fps, source] of [[10, 30], [15, 30], [20, 30], [12, 25]] as const) {
  test(`${fps} a second of ${source} are ${fps}, although ${source}/${fps} frames lie between them`, () => {
    assert.equal(looked(new Pace({ fps }), source * 10, 1000 / source).length, fps * 10);
  });
}

test('a pause is not made up for', () => {
  const pace = new Pace({ fps: 10 });
  pace.took({ seq: 0, rtp: 0, capturedAt: 0 });
  assert.equal(looked(pace, 30, 1000 / 30, 1).length, 10);
});
