import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freezes } from '../../../client/src/live/freezes.ts';

test('what receivers count adds up, and the gap between two of them is one more', () => {
  const freezes = new Freezes();
  freezes.counted({ freezes: 1, frozenMs: 200 });
  freezes.counted({ freezes: 2, frozenMs: 500 });
  freezes.broken(10_000);
  assert.deepEqual(freezes.total, { freezes: 2, frozenMs: 500 });
  // A receiver between the two shows nothing.
  freezes.broken(11_000);
  freezes.shown(13_000);
  freezes.shown(13_033);
  freezes.counted({ freezes: 1, frozenMs: 100 });
  assert.deepEqual(freezes.total, { freezes: 4, frozenMs: 3600 });
});
