import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backoff } from '../../../client/src/live/backoff.ts';

describe('waits between attempts', () => {
  test('double from the first to the most, and start again after a success', () => {
    const backoff = new Backoff({ firstMs: 100, mostMs: 1000, random: () => 1 });
    assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => backoff.next()), [100, 200, 400, 800, 1000, 1000]);
    backoff.reset();
    assert.equal(backoff.next(), 100);
  });

  test('are spread, and never so short that anybody is hammered', () => {
    const none = new Backoff({ firstMs: 100, mostMs: 1000, random: () => 0 });
    const half = new Backoff({ firstMs: 100, mostMs: 1000, random: () => 0.5 });
    assert.equal(none.next(), 20);
    assert.equal(Math.round(half.next()), 60);
  });

  test('stay at the most after very many attempts', () => {
    const backoff = new Backoff({ firstMs: 200, random: () => 1 });
    for (let i = 0; i < 5000; i++) backoff.next();
    assert.equal(backoff.next(), 5000);
  });
});
