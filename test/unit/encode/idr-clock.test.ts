import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdrClock } from '../../../src/pipeline/encode/idr-clock.ts';

/** Frames every 33 ms; returns the times of the IDR frames. */
function run(clock: IdrClock, until: number, askedAt: (at: number) => boolean): number[] {
  const made: number[] = [];
  for (let at = 0; at < until; at += 33) {
    if (askedAt(at)) clock.request();
    if (clock.due(at)) {
      clock.ordered(at);
      clock.made(at);
      made.push(at);
    }
  }
  return made;
}

test('the first frame is an IDR frame, then one each interval', () => {
  assert.deepEqual(run(new IdrClock(1000), 2100, () => false), [0, 1023, 2046]);
});

test('constant requests give one IDR frame in 250 ms at most', () => {
  const made = run(new IdrClock(10_000), 2000, () => true);
  made.slice(1).forEach((at, i) => assert.ok(at - made[i]! >= 250));
  assert.ok(made.length >= 7);
});

test('a request inside the pause is served at its end, not lost', () => {
  assert.deepEqual(run(new IdrClock(10_000), 1000, (at) => at === 33), [0, 264]);
});

test('after a reset the next frame is an IDR frame', () => {
  const clock = new IdrClock(10_000);
  clock.made(0);
  clock.reset();
  assert.equal(clock.due(1), true);
});

test('an encoder that gives its IDR frame late is asked for one only', () => {
  const clock = new IdrClock(10_000);
  clock.ordered(0);
  assert.equal(clock.due(33), false);
  clock.made(0);
  assert.equal(clock.due(66), false);
});

test('a request that comes while an IDR frame is being encoded is served by that frame', () => {
  const clock = new IdrClock(10_000);
  clock.ordered(0);
  clock.request();
  clock.made(0);
  assert.equal(clock.due(300), false);
});

test('a request that comes after an IDR frame was sent is served by another', () => {
  const clock = new IdrClock(10_000);
  clock.ordered(0);
  clock.made(0);
  clock.request();
  assert.equal(clock.due(300), true);
});
