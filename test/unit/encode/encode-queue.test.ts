import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodeQueue } from '../../../src/pipeline/encode/encode-queue.ts';

const INTERVAL_MS = 40;

/** Frames by their numbers, one an interval. */
class Frames {
  readonly queue = new EncodeQueue<number>();
  readonly dropped: number[] = [];

  put(frame: number, at: number): void {
    this.dropped.push(...this.queue.put(frame, frame * INTERVAL_MS, at));
  }
}

test('frames that were held back and are let go together all pass, also where the next comes before they are through', () => {
  const frames = new Frames();
  for (const frame of [0, 1, 2, 3, 4]) frames.put(frame, 4 * INTERVAL_MS);
  assert.equal(frames.queue.take(), 0);
  assert.equal(frames.queue.take(), 1);
  // Frame 2 is 120 ms old; the one that is being encoded came 120 ms after its capture.
  frames.put(5, 5 * INTERVAL_MS);
  assert.deepEqual([2, 3, 4, 5].map(() => frames.queue.take()), [2, 3, 4, 5]);
  assert.deepEqual(frames.dropped, []);
});

test('what an encoder is too slow for is dropped, the newest wins, and delay does not grow', () => {
  const frames = new Frames();
  const delays: number[] = [];
  // It takes three intervals for each frame.
  for (let frame = 0; frame < 60; frame += 1) {
    const at = frame * INTERVAL_MS + 10;
    frames.put(frame, at);
    if (frame % 3 === 0) delays.push(at - frames.queue.take()! * INTERVAL_MS);
  }
  assert.ok(Math.max(...delays) <= 10 + INTERVAL_MS, `${delays.join(', ')} ms`);
  assert.ok(frames.dropped.length >= 38);
});

test('an encoder that is too slow after a burst catches up again', () => {
  const frames = new Frames();
  for (const frame of [0, 1, 2, 3, 4, 5]) frames.put(frame, 5 * INTERVAL_MS);
  const delays: number[] = [];
  for (let frame = 6; frame < 60; frame += 1) {
    const at = frame * INTERVAL_MS;
    if (frame % 2 === 0) delays.push(at - frames.queue.take()! * INTERVAL_MS);
    frames.put(frame, at);
  }
  assert.ok(delays.every((delay) => delay <= 6 * INTERVAL_MS) && delays.at(-1)! <= INTERVAL_MS, `${delays.join(', ')} ms`);
});

test('who is left can be given back', () => {
  const frames = new Frames();
  for (const frame of [0, 1]) frames.put(frame, INTERVAL_MS);
  assert.deepEqual(frames.queue.clear(), [0, 1]);
  assert.equal(frames.queue.take(), undefined);
});

test('what has to pass in any case does, in its order, while others around it are dropped', () => {
  const queue = new EncodeQueue<number>((frame) => frame % 2 === 1);
  queue.put(0, 0, 0);
  queue.take();
  const dropped = [1, 2, 3, 4].flatMap((frame) => queue.put(frame, frame * INTERVAL_MS, frame * INTERVAL_MS));
  assert.deepEqual(dropped, [1, 3]);
  assert.deepEqual([queue.take(), queue.take(), queue.take()], [2, 4, undefined]);
});
