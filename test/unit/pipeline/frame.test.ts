import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameNumberer, rtpDistance, rtpTimestamp } from '../../../src/pipeline/frame.ts';

test('numbers count up and timestamps strictly grow, whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1.7e12, max: 1.9e12, noNaN: true }), { minLength: 2, maxLength: 50 }), (times) => {
      const numberer = new FrameNumberer(0xffff_fff0);
      const ids = times.map((time) => numberer.number(time));
      ids.slice(1).forEach((id, i) => {
        assert.equal(id.seq, (ids[i]!.seq + 1) >>> 0);
        assert.ok(id.capturedAt > ids[i]!.capturedAt);
        assert.notEqual(id.rtp, ids[i]!.rtp);
      });
    }),
  );
});

test('a frame keeps the pair of time and timestamp that every process derives alike', () => {
  const { rtp, capturedAt } = new FrameNumberer().number(1_763_650_000_123.4);
  assert.equal(rtp, rtpTimestamp(capturedAt));
});

test('distances are right across a wrap', () => {
  assert.equal(rtpDistance(5, 0xffff_fffb), 10);
  assert.equal(rtpDistance(0xffff_fffb, 5), -10);
});

test('frames of our own go on with the timestamps of the last frame, whoever has given those', () => {
  const publishers = new FrameNumberer();
  publishers.adopt(0xffff_ff00, 1000);
  const [own, next] = [publishers.goOn(1010), publishers.goOn(1020)];
  assert.deepEqual([own.seq, rtpDistance(own.rtp, 0xffff_ff00), rtpDistance(next.rtp, own.rtp)], [1, 900, 900]);
  assert.ok(next.rtp < 0x1_0000_0000);
  const ours = new FrameNumberer();
  assert.equal(ours.goOn(1_763_650_000_000).rtp, rtpTimestamp(1_763_650_000_000));
  ours.number(1_763_650_000_033);
  assert.equal(ours.goOn(1_763_650_000_500).rtp, rtpTimestamp(1_763_650_000_500));
});

test('a frame of our own is never before the last one', () => {
  const numberer = new FrameNumberer();
  const { rtp, capturedAt } = numberer.number(2000);
  const own = numberer.goOn(1000);
  assert.ok(own.capturedAt > capturedAt);
  assert.equal(rtpDistance(own.rtp, rtp), 1);
});
