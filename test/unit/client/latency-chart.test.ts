import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chartPath } from '../../../client/src/elements/watch/latency-chart.ts';

describe('the line of the latency', () => {
  test('ends at the right edge, and is higher where it took longer', () => {
    const points = [...chartPath([10, 90], 60).matchAll(/([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    assert.equal(points.length, 2);
    assert.equal(points[1]![0], 120);
    assert.ok(points[0]![0] < 120);
    assert.ok(points[1]![1] < points[0]![1]);
  });

  test('has gaps where there was no value', () => {
    assert.equal(chartPath([20, undefined, 20, 20], 4).replace(/[\d. ]+/g, ''), 'MML');
  });

  test('is empty without values', () => {
    assert.equal(chartPath([], 60), '');
    assert.equal(chartPath([undefined], 60), '');
  });
});
