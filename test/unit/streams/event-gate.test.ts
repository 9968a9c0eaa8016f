import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EventGate } from '../../../src/streams/event-gate.ts';

it('a flood of events passes in bounded numbers, and tells how many did not', () => {
  let time = 0;
  const gate = new EventGate(() => time);
  const flood = (count: number): { n: number; dropped?: number }[] => gate.pass(Array.from({ length: count }, (_, n) => ({ n })));
  assert.equal(flood(250).length, 100, 'what may come at once');
  assert.deepEqual(flood(3), []);
  time += 1000;
  const later = flood(60);
  assert.equal(later.length, 50);
  assert.deepEqual(later.slice(0, 2), [{ n: 0, dropped: 153 }, { n: 1 }]);
  time += 1000;
  assert.deepEqual(flood(2), [{ n: 0, dropped: 10 }, { n: 1 }]);
  time += 3_600_000;
  assert.equal(flood(200).length, 100, 'a long pause saves up no more');
});
