import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MessageStore } from '../../../../client/src/annotate/message-store.ts';
import { trailsTo } from '../../../../client/src/annotate/trails.ts';
import { FRAME, messageOf } from './messages.ts';

/** Frame 3 is the first after the wrap. */
const NEAR_WRAP = 2 ** 32 - 2 * FRAME - 1;

describe('the messages of the last seconds', () => {
  test('stand in the order of their frames, across a wrap', () => {
    const store = new MessageStore();
    for (const seq of [4, 1, 3, 2]) store.add(messageOf(seq, [], { rtp: NEAR_WRAP }), seq);
    const last = (NEAR_WRAP + 4 * FRAME) >>> 0;
    assert.deepEqual(store.back(last, 10 * FRAME).map(({ message }) => message.seq), [1, 2, 3, 4]);
    assert.deepEqual(store.back(last, FRAME).map(({ message }) => message.seq), [3, 4]);
    assert.equal(store.newest?.message.seq, 4);
    assert.equal(store.after((NEAR_WRAP + 2 * FRAME) >>> 0)?.message.seq, 3);
  });

  test('have one a frame, the last that came', () => {
    const store = new MessageStore();
    store.add(messageOf(1), 5);
    store.add(messageOf(1, [{}]), 6);
    assert.equal(store.at(FRAME)?.arrivedAt, 6);
    assert.equal(store.back(FRAME, FRAME).length, 1);
  });

  test('are bounded, the oldest going first', () => {
    const store = new MessageStore();
    for (let seq = 0; seq < 400; seq++) store.add(messageOf(seq), seq);
    assert.equal(store.at(99 * FRAME), undefined);
    assert.equal(store.at(100 * FRAME)?.message.seq, 100);
  });

  test('make room for those of another timeline', () => {
    const store = new MessageStore();
    store.add(messageOf(1), 0);
    store.add(messageOf(2, [], { rtp: 2 ** 31 }), 0);
    assert.equal(store.at(FRAME), undefined);
    assert.equal(store.newest?.message.seq, 2);
  });

  test('tell where tracks came from, oldest first, without shivering', () => {
    const store = new MessageStore();
    for (const seq of [1, 2, 3]) store.add(messageOf(seq, [{ track: 9, box: [seq / 10, 0.2, 0.2, 0.2] }, { box: [0, 0, 1, 1] }]), 0);
    const trails = trailsTo(store, 2 * FRAME);
    assert.deepEqual([...trails.keys()], [9]);
    assert.deepEqual(trails.get(9)?.map(([x]) => Number(x.toFixed(3))), [0.2, 0.25]);
  });
});
