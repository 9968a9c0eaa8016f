import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClockOffset } from '../../../client/src/live/clock-offset.ts';

describe('the offset between two clocks', () => {
  test('is not known before the first exchange', () => {
    const clock = new ClockOffset();
    assert.equal(clock.offset, undefined);
    assert.equal(clock.rtt, undefined);
  });

  test('is that of the exchange with the shortest round trip, whatever others say', () => {
    const clock = new ClockOffset();
    // The server is 500 ms ahead; slow ways there or back make the others wrong.
    clock.add(1000, 1000 + 500 + 90, 1100);
    clock.add(2000, 2000 + 500 + 2, 2004);
    clock.add(3000, 3000 + 500 + 5, 3200);
    assert.equal(clock.offset, 500);
    assert.equal(clock.rtt, 4);
  });

  test('follows a clock that drifts, because old exchanges are forgotten', () => {
    const clock = new ClockOffset();
    clock.add(0, 101, 2);
    for (let i = 1; i <= 10; i++) clock.add(i * 1000, i * 1000 + 205, i * 1000 + 10);
    assert.equal(clock.offset, 200);
  });

  test('takes no answer that came before its question', () => {
    const clock = new ClockOffset();
    clock.add(1000, 900, 990);
    assert.equal(clock.offset, undefined);
  });
});
