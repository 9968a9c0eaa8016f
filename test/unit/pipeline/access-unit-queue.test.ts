import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AccessUnit } from '../../../src/pipeline/media/access-unit.ts';
import { AccessUnitQueue } from '../../../src/pipeline/sinks/access-unit-queue.ts';

const unit = (seq: number, key = false, bytes = 1): AccessUnit => ({
  codec: 'H264',
  parts: [Buffer.alloc(bytes)],
  key,
  id: { seq, rtp: seq * 3000, capturedAt: seq * 33 },
  rtp: seq * 3000,
  capturedAt: seq * 33,
});

/** A queue whose receiver takes a unit when it is told to. */
function setUp(limits = { units: 3, bytes: 1000 }) {
  const delivered: number[] = [];
  let asked = 0;
  let done = (): void => undefined;
  const queue = new AccessUnitQueue(limits, {
    deliver: ({ id }) => {
      delivered.push(id!.seq);
      return new Promise((resolve) => (done = resolve));
    },
    needsKeyframe: () => (asked += 1),
  });
  const next = async (): Promise<void> => {
    done();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, delivered, next, asked: () => asked };
}

describe('the queue of a sink', () => {
  it('begins with a key frame, and gives one unit after the other', async () => {
    const { queue, delivered, next } = setUp();
    for (const one of [unit(0), unit(1, true), unit(2), unit(3)]) queue.push(one);
    assert.deepEqual(delivered, [1]);
    await next();
    await next();
    assert.deepEqual(delivered, [1, 2, 3]);
    assert.deepEqual(queue.counts, { written: 3, dropped: 0 });
  });

  it('drops what waits when it is full, and goes on with the next key frame, which it asks for once', async () => {
    const { queue, delivered, next, asked } = setUp();
    queue.push(unit(0, true));
    for (const seq of [1, 2, 3, 4, 5]) queue.push(unit(seq));
    assert.equal(asked(), 1);
    queue.push(unit(6, true));
    queue.push(unit(7));
    await next();
    await next();
    assert.deepEqual(delivered, [0, 6, 7]);
    assert.deepEqual(queue.counts, { written: 3, dropped: 5 });
  });

  it('makes room for a key frame, and asks for none', async () => {
    const { queue, delivered, next, asked } = setUp({ units: 10, bytes: 5 });
    queue.push(unit(0, true));
    queue.push(unit(1, false, 6));
    queue.push(unit(2, true));
    await next();
    assert.deepEqual(delivered, [0, 2]);
    assert.deepEqual([queue.counts.dropped, asked()], [1, 0]);
  });

  it('takes nothing once it is closed', async () => {
    const { queue, delivered, next } = setUp();
    queue.push(unit(0, true));
    queue.push(unit(1));
    queue.close();
    queue.push(unit(2, true));
    await next();
    assert.deepEqual(delivered, [0]);
  });
});
