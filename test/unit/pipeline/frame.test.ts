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
