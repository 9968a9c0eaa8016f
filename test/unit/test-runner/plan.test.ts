import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LAST, testFiles } from '../../../scripts/lib/tests/plan.mjs';
import { inShares } from '../../../scripts/lib/tests/shares.mjs';

describe('the files of a run', () => {
  const names = (words: readonly string[]): string[] => testFiles(words).map(({ name }) => name);

  it('are those whose path contains one of the words, or all', () => {
    assert.deepEqual(names(['unit/test-runner/plan', 'unit/test-runner/run']), ['unit/test-runner/plan.test.ts', 'unit/test-runner/run.test.ts']);
    assert.deepEqual(names(['no such thing']), []);
    for (const suite of ['unit', 'contract', 'pages', 'browser', 'network']) assert.ok(names([]).some((name) => name.startsWith(`${suite}/`)), suite);
  });

  it('end with those that judge times and rates, all of which there are', () => {
    const last = Object.keys(LAST);
    assert.deepEqual(names([]).slice(-last.length).toSorted(), last.toSorted());
  });
});

describe('jobs that share a machine', () => {
  /** Jobs that end when they are told to; `started` holds what runs or has run. */
  function jobsOf(shares: readonly number[]) {
    const started: number[] = [];
    const gates = shares.map(() => Promise.withResolvers<number>());
    const results = inShares(shares.map((share, n) => ({ share, run: () => (started.push(n), gates[n]!.promise) })));
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    return { started, results, settled, end: async (n: number) => (gates[n]!.resolve(n), settled()) };
  }

  it('begin in their order, as soon as there is room', async () => {
    const { started, results, settled, end } = jobsOf([1 / 3, 1 / 3, 1 / 3, 1 / 2, 1, 1 / 3]);
    await settled();
    assert.deepEqual(started, [0, 1, 2]);
    await end(1);
    assert.deepEqual(started, [0, 1, 2], 'a third is no room for a half');
    await end(0);
    assert.deepEqual(started, [0, 1, 2, 3]);
    await end(2);
    assert.deepEqual(started, [0, 1, 2, 3], 'the whole machine is not free, and nothing overtakes');
    await end(3);
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
    await end(4);
    await end(5);
    assert.deepEqual(await results, [0, 1, 2, 3, 4, 5]);
  });

  it('of thirds that were given back are the whole machine again', async () => {
    const { started, end } = jobsOf([...Array.from({ length: 30 }, () => 1 / 3), 1]);
    for (let n = 0; n < 30; n += 1) await end(n);
    assert.equal(started.at(-1), 30);
    await end(30);
  });
});
