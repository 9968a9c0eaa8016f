import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyframeBudget } from '../../../src/pipeline/encode/keyframe-budget.ts';

/** Times of frames at which a key frame is asked for, milliseconds. */
const times = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 }).map((gaps) => {
  let at = 1_763_650_000_000;
  return gaps.map((gap) => (at += gap));
});

/** The times at which one is made, of those at which it is wanted. */
function made(wanted: readonly number[]): number[] {
  const budget = new KeyframeBudget();
  return wanted.filter((at) => {
    const allowed = budget.allows(at);
    if (allowed) budget.spend(at);
    return allowed;
  });
}

test('no window holds more than three and one for each 250 ms', () => {
  fc.assert(
    fc.property(times, (wanted) => {
      const spent = made(wanted);
      for (const [i, from] of spent.entries()) {
        for (const [j, to] of spent.slice(i).entries()) assert.ok(j + 1 <= 3 + (to - from) / 250, `${j + 1} in ${to - from} ms`);
      }
    }),
  );
});

test('one that is wanted is made at once after 250 ms without any', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 250, max: 10_000 }), (wanted, pause) => {
      const later = wanted.at(-1)! + pause;
      assert.equal(made([...wanted, later]).at(-1), later);
    }),
  );
});

test('three are made at once after a second without any', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 1000, max: 10_000 }), (wanted, pause) => {
      const later = [0, 1, 2].map((n) => wanted.at(-1)! + pause + n);
      assert.deepEqual(made([...wanted, ...later]).slice(-3), later);
    }),
  );
});
