import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameMatcher } from '../../../../client/src/annotate/frame-matcher.ts';
import { MessageStore } from '../../../../client/src/annotate/message-store.ts';
import { FRAME, messageOf } from './messages.ts';

describe('what is drawn on a frame', () => {
  let store: MessageStore;
  let matcher: FrameMatcher;
  beforeEach(() => {
    store = new MessageStore();
    matcher = new FrameMatcher(store);
  });

  test('is its own message, and when that came', () => {
    store.add(messageOf(7, [{}]), 100);
    store.add(messageOf(8, [{}]), 133);
    const match = matcher.match(7 * FRAME);
    assert.equal(match.kind, 'exact');
    assert.equal(match.message?.seq, 7);
    assert.equal(match.arrivedAt, 100);
  });

  test('is nothing before the first message', () => {
    assert.equal(matcher.match(0).kind, 'none');
    store.add(messageOf(8), 0);
    assert.equal(matcher.match(7 * FRAME).kind, 'none');
  });

  test('goes on as tracks went where the message is not there, with the age told', () => {
    for (const seq of [1, 2, 3]) store.add(messageOf(seq, [{ track: 1, box: [0.1 * seq, 0.5, 0.1, 0.1] }, { box: [0.8, 0.8, 0.1, 0.1] }]), 0);
    const { kind, message, arrivedAt } = matcher.match(5 * FRAME);
    assert.equal(kind, 'moved');
    assert.equal(arrivedAt, undefined);
    assert.equal(message?.seq, 5);
    assert.equal(message.rtp, 5 * FRAME);
    assert.deepEqual(message.detectors, { d: { age: 2 } });
    near(message.detections[0]!.box, [0.5, 0.5, 0.1, 0.1]);
    near(message.detections[1]!.box, [0.8, 0.8, 0.1, 0.1]);
  });

  test('takes along what was seen of a thing', () => {
    const face = { detector: 'f', label: 'face', score: 0.8 };
    for (const seq of [1, 2]) store.add(messageOf(seq, [{ track: 1, box: [0.1 * seq, 0.5, 0.1, 0.1], attributes: [{ ...face, box: [0.1 * seq + 0.02, 0.5, 0.05, 0.05] }] }]), 0);
    near(matcher.match(4 * FRAME).message!.detections[0]!.attributes![0]!.box, [0.42, 0.5, 0.05, 0.05]);
  });

  test('adds to the age that boxes had already', () => {
    store.add(messageOf(1, [{}], { age: 3 }), 0);
    store.add(messageOf(2, [{}], { age: 4 }), 0);
    assert.deepEqual(matcher.match(3 * FRAME).message?.detectors, { d: { age: 5 } });
  });

  test('lies between the messages around it where the later one is there', () => {
    store.add(messageOf(1, [{ track: 1, box: [0.1, 0, 0.1, 0.1] }]), 0);
    store.add(messageOf(5, [{ track: 1, box: [0.5, 0.4, 0.1, 0.1] }]), 0);
    near(matcher.match(2 * FRAME).message!.detections[0]!.box, [0.2, 0.1, 0.1, 0.1]);
  });

  test('has its number from the messages around it, however fast frames came there', () => {
    store.add(messageOf(0, [{}]), 0);
    store.add(messageOf(1, [{}]), 0);
    store.add({ ...messageOf(5, [{}]), rtp: 2 * FRAME }, 0);
    for (const [at, seq] of [[1.05, 2], [1.5, 3], [1.95, 4]] as const) {
      const message = matcher.match(at * FRAME).message!;
      assert.deepEqual([message.seq, message.detectors], [seq, { d: { age: seq - 1 } }]);
    }
  });

  test('leaves out what has moved out of the picture', () => {
    for (const seq of [1, 2]) store.add(messageOf(seq, [{ track: 1, box: [0.5 + 0.2 * seq, 0.5, 0.1, 0.1] }]), 0);
    assert.deepEqual(matcher.match(4 * FRAME).message?.detections, []);
  });

  test('is nothing once the last message is too old, or was about a slate', () => {
    store.add(messageOf(0, [{}]), 0);
    assert.equal(matcher.match(60 * FRAME).kind, 'moved');
    assert.equal(matcher.match(61 * FRAME).kind, 'none');
    store.add(messageOf(70, [], { slate: true }), 0);
    assert.equal(matcher.match(71 * FRAME).kind, 'none');
  });

  test('is found by timestamps that count from elsewhere', () => {
    store.add(messageOf(7, [{}]), 0);
    matcher.offset = -12_345;
    assert.equal(matcher.match(7 * FRAME + 12_345).message?.seq, 7);
    assert.equal(matcher.pictureOf(7 * FRAME), 7 * FRAME + 12_345);
  });

  test('is never another frame’s message, whatever came, in whatever order, across a wrap of the timestamps', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { minLength: 1 }), fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 0xffff_ffff }), (came, shown, base) => {
        const messages = new MessageStore();
        for (const seq of came) messages.add(messageOf(seq, [{ track: seq }], { rtp: base }), 0);
        const rtp = (base + shown * FRAME) >>> 0;
        const { kind, message } = new FrameMatcher(messages).match(rtp);
        if (came.includes(shown)) assert.deepEqual([kind, message?.seq], ['exact', shown]);
        else if (kind === 'moved') {
          assert.deepEqual([message?.rtp, message?.seq], [rtp, shown]);
          assert.equal(message?.detectors['d']?.age, shown - Math.max(...came.filter((seq) => seq < shown)));
        } else assert.equal(kind, 'none');
      }),
    );
  });
});

function near(box: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of box.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-9, `${box.join()} is not ${expected.join()}`);
}
