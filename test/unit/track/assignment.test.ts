import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assign } from '../../../src/pipeline/track/assignment.ts';

const LIMIT = 0.8;

/** The least cost of all ways to give each row a column of its own or none. */
function leastByForce(costs: number[][], row = 0, used: readonly number[] = []): number {
  if (row === costs.length) return 0;
  const choices = costs[row]!.flatMap((cost, column) =>
    used.includes(column) || cost > LIMIT ? [] : [cost + leastByForce(costs, row + 1, [...used, column])],
  );
  return Math.min(LIMIT + leastByForce(costs, row + 1, used), ...choices);
}

const cost = fc.oneof(
  { weight: 3, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(0, LIMIT) },
  { weight: 3, arbitrary: fc.constant(Infinity) },
);
const matrix = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) => fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }));

test('an assignment costs as little as the best of all there are', () => {
  fc.assert(
    fc.property(matrix, (costs) => {
      const columns = assign(costs, LIMIT);
      const taken = columns.filter((column) => column >= 0);
      assert.equal(new Set(taken).size, taken.length, 'a column is given twice');
      const total = columns.reduce((sum, column, row) => sum + (column < 0 ? LIMIT : costs[row]![column]!), 0);
      assert.ok(Math.abs(total - leastByForce(costs)) < 1e-9, `${total} instead of ${leastByForce(costs)}`);
    }),
    { numRuns: 500 },
  );
});

test('a good pair is not broken for the sake of two bad ones', () => {
  assert.deepEqual(assign([[0.1, 0.79], [0.79, Infinity]], LIMIT), [0, -1]);
});

test('where there is nothing to choose from, nobody has anything', () => {
  assert.deepEqual(assign([], LIMIT), []);
  assert.deepEqual(assign([[], []], LIMIT), [-1, -1]);
});
