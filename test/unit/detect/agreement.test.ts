import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disagreement } from '../../../src/pipeline/detect/providers/agreement.ts';
import type { SeenObject } from '../../../src/pipeline/detect/read-outputs.ts';

const seen: SeenObject[] = Array.from({ length: 50 }, (_, i) => ({ label: i % 2 === 0 ? 'cat' : 'dog', score: 1 / (i + 1), box: [i / 100, 0.1, 0.2, 0.3] }));
const changed = (change: (one: SeenObject, index: number) => Partial<SeenObject>): SeenObject[] => seen.map((one, index) => ({ ...one, ...change(one, index) }));

describe('two providers', () => {
  test('agree where they differ as sums of floats do, and in the order of what is equal', () => {
    assert.equal(disagreement(seen, changed(({ score, box: [x, y, w, h] }) => ({ score: score * 1.001, box: [x + 1e-4, y, w - 1e-4, h] }))), undefined);
    assert.equal(disagreement(seen, seen.toReversed()), undefined);
    assert.equal(disagreement(seen, changed((_, i) => (i === 49 ? { label: 'none' } : {}))), undefined);
    assert.equal(disagreement([], []), undefined);
  });

  test('disagree about scores, labels, boxes, numbers that are none, and nothing at all', () => {
    assert.equal(disagreement(seen, changed(({ score }) => ({ score: score / 2 }))), 'it sees 0 of the best 50 boxes');
    for (const other of [
      changed(({ label }) => ({ label: label === 'cat' ? 'dog' : 'cat' })),
      changed(({ box: [x, y, w, h] }) => ({ box: [x, y, h, w] })),
      changed(({ box: [x, y, w, h] }) => ({ box: [x, y + 0.01, w, h] })),
      changed(() => ({ score: Number.NaN })),
      seen.slice(0, 20),
      [],
    ]) {
      assert.match(disagreement(seen, other) ?? '', /^it sees \d+ of the best 50 boxes$/);
    }
    assert.equal(disagreement([], seen), 'it sees 50 objects where there are none');
  });
});
