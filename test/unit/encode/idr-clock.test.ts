import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('viewers who join one after the other are each served by the very next frame', () => {
  assert.deepEqual(run(new IdrClock(10_000), 1000, (at) => at === 33 || at === 99 || at === 165), [0, 33, 99, 165]);
});

test('constant requests give three IDR frames, then one in 250 ms', () => {
  const made = run(new IdrClock(100_000), 10_000, () => true);
  assert.deepEqual(made.slice(0, 4), [0, 33, 66, 99]);
  // Each as soon as there is one more, going by the first request, which was at 33 ms.
  const refills = Array.from({ length: 39 }, (_, i) => 33 + (i + 1) * 250);
  assert.deepEqual(made.slice(4), refills.map((at) => Math.ceil(at / 33) * 33));
});

test('a request for which nothing is left is served as soon as there is, not lost', () => {
  assert.deepEqual(run(new IdrClock(10_000), 1000, (at) => at > 0 && at <= 132), [0, 33, 66, 99, 297]);
});

test('IDR frames that were not asked for leave what may be asked for as it is', () => {
  // One in each interval, and right after the last of them three more.
  assert.deepEqual(run(new IdrClock(500), 1150, (at) => at > 1023), [0, 528, 1056, 1089, 1122]);
});

/** Each step is a frame: milliseconds after the one before, whether one asked before it, whether one asks while it is being encoded. */
const frames = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 120 }), asked: fc.boolean(), during: fc.boolean() }), { minLength: 1, maxLength: 400 });

test('whoever asks, whenever: no window holds more asked IDR frames than three and one for each 250 ms, and none of them was not asked for', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 500, max: 4000 }), (steps, interval) => {
      const clock = new IdrClock(interval);
      const asked: number[] = [];
      let [at, last, open] = [0, -Infinity, false];
      for (const { gap, asked: before, during } of steps) {
        at += gap;
        if (before) clock.request();
        open ||= before;
        const due = clock.due(at);
        if (at - last >= interval) assert.ok(due);
        else if (due) {
          assert.ok(open);
          asked.push(at);
        }
        if (due) clock.ordered(at);
        if (during) clock.request();
        open ||= during;
        if (!due) continue;
        clock.made(at);
        [last, open] = [at, false];
      }
      for (const [i, from] of asked.entries()) {
        for (const [j, to] of asked.slice(i).entries()) assert.ok(j + 1 <= 3 + (to - from) / 250);
      }
    }),
  );
});

test('a request is served by the next frame where none was made on request within the last 250 ms', () => {
  fc.assert(
    fc.property(frames, (steps) => {
      const clock = new IdrClock(1000);
      let [at, last, servedLast] = [0, -Infinity, -Infinity];
      for (const { gap, asked } of steps) {
        at += gap;
        if (asked) clock.request();
        const due = clock.due(at);
        if (asked && at - servedLast >= 250) assert.ok(due);
        if (!due) continue;
        if (at - last < 1000) servedLast = at;
        last = at;
        clock.ordered(at);
        clock.made(at);
      }
    }),
  );
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
