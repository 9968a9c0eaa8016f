import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Box, Detection } from '../../../src/pipeline/annotation.ts';
import { assign } from '../../../src/pipeline/track/assignment.ts';
import { ByteTracker } from '../../../src/pipeline/track/byte-tracker.ts';

const FRAME_MS = 33;

function detection(x: number, y: number, label = 'person', score = 0.9): Detection {
  return { detector: 'd', label, score, box: [x, y, 0.05, 0.15] };
}

function tracker(): ByteTracker {
  let id = 0;
  return new ByteTracker(() => ++id);
}

/** All ways to give each row a column of its own or none; the most pairs first, then the least cost. */
function bestByForce(costs: number[][]): { pairs: number; cost: number } {
  const go = (row: number, used: Set<number>): { pairs: number; cost: number } => {
    if (row === costs.length) return { pairs: 0, cost: 0 };
    let best = go(row + 1, used);
    costs[row]!.forEach((cost, column) => {
      if (used.has(column) || cost === Infinity) return;
      const rest = go(row + 1, new Set([...used, column]));
      const candidate = { pairs: rest.pairs + 1, cost: rest.cost + cost };
      if (candidate.pairs > best.pairs || (candidate.pairs === best.pairs && candidate.cost < best.cost)) best = candidate;
    });
    return best;
  };
  return go(0, new Set());
}

test('an assignment makes as many pairs as can be made, at the least cost', () => {
  const cost = fc.oneof({ weight: 3, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(Infinity) });
  const matrix = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })).chain(([rows, columns]) =>
    fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
  );
  fc.assert(
    fc.property(matrix, (costs) => {
      const pairs = assign(costs).flatMap((column, row) => (column < 0 ? [] : [costs[row]![column]!]));
      const best = bestByForce(costs);
      assert.equal(pairs.length, best.pairs);
      assert.ok(Math.abs(pairs.reduce((sum, one) => sum + one, 0) - best.cost) < 1e-6);
    }),
  );
});

test('two people who cross keep their identities', () => {
  const tracks = tracker();
  const ids: (number | undefined)[][] = [];
  for (let i = 0; i < 60; i++) {
    const seen = tracks.update([detection(0.1 + i * 0.01, 0.5), detection(0.7 - i * 0.01, 0.53)], i * FRAME_MS);
    ids.push(seen.map(({ track }) => track));
  }
  assert.ok(ids.every(([a, b]) => a === ids[0]![0] && b === ids[0]![1]));
});

test('somebody who is not seen for half a second is the same person after it', () => {
  const tracks = tracker();
  let first: number | undefined;
  for (let i = 0; i < 20; i++) first = tracks.update([detection(0.1 + i * 0.005, 0.5)], i * FRAME_MS)[0]!.track;
  const [after] = tracks.update([detection(0.1 + 35 * 0.005, 0.5)], 35 * FRAME_MS);
  assert.equal(after!.track, first);
});

test('a doubtful detection keeps a track alive but does not begin one', () => {
  const tracks = tracker();
  assert.equal(tracks.update([detection(0.1, 0.1, 'person', 0.2)], 0)[0]!.track, undefined);
  const [sure] = tracks.update([detection(0.5, 0.5)], FRAME_MS);
  const [doubtful] = tracks.update([detection(0.501, 0.5, 'person', 0.2)], 2 * FRAME_MS);
  assert.equal(doubtful!.track, sure!.track);
});

test('a track keeps to its label', () => {
  const tracks = tracker();
  const [car] = tracks.update([detection(0.5, 0.5, 'car')], 0);
  const [bus] = tracks.update([detection(0.5, 0.5, 'bus')], FRAME_MS);
  assert.notEqual(car!.track, bus!.track);
});

test('a box that moves evenly is predicted where it will be', () => {
  const tracks = tracker();
  let id = 0;
  for (let i = 0; i < 30; i++) id = tracks.update([detection(0.1 + i * 0.01, 0.5)], i * FRAME_MS)[0]!.track!;
  const [x] = tracks.boxAt(id, 32 * FRAME_MS) as Box;
  assert.ok(Math.abs(x - (0.1 + 32 * 0.01)) < 0.003, String(x));
});
