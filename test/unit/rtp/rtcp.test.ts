import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rtpTimestamp } from '../../../src/pipeline/frame.ts';
import { negativeAcknowledgement, parseFeedback, senderReport } from '../../../src/pipeline/rtp/rtcp.ts';

const SSRC = 0xdead_beef;

function words(header: number[], ...body: number[]): Buffer {
  const packet = Buffer.alloc(4 + body.length * 4);
  packet.set(header);
  packet.writeUInt16BE(body.length, 2);
  body.forEach((word, i) => packet.writeUInt32BE(word >>> 0, 4 + i * 4));
  return packet;
}

test('picture loss and full intra requests for this sender ask for a key frame', () => {
  assert.equal(parseFeedback(words([0x81, 206], 1, SSRC), SSRC).keyframe, true);
  assert.equal(parseFeedback(words([0x84, 206], 1, 0, SSRC, 0), SSRC).keyframe, true);
});

test('requests for other senders are passed over', () => {
  assert.equal(parseFeedback(words([0x81, 206], 1, 5), SSRC).keyframe, false);
  assert.equal(parseFeedback(words([0x84, 206], 1, 0, 5, 0), SSRC).keyframe, false);
});

test('a NACK names the lost packet and those that its mask marks, across a wrap', () => {
  const nack = words([0x81, 205], 1, SSRC, 0xffff_0003);
  assert.deepEqual(parseFeedback(nack, SSRC).lost, [0xffff, 0, 1]);
});

test('a request behind another packet in a compound is heard', () => {
  const report = senderReport({ ssrc: 1, packets: 1, octets: 1, cname: 'x' }, 0, 0);
  assert.equal(parseFeedback(Buffer.concat([report, words([0x81, 206], 1, SSRC)]), SSRC).keyframe, true);
});

test('no bytes whatever make the parser throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseFeedback(Buffer.from(bytes), SSRC)));
});

test('headers that promise more or less than follows do not make it throw either', () => {
  const field = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
  const packet = fc
    .tuple(field(255), fc.constantFrom(200, 201, 202, 205, 206), field(40), fc.uint8Array({ maxLength: 60 }))
    .map(([first, type, length, body]) => Buffer.from([first, type, 0, length, ...body]));
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 4 }), (packets) => {
      for (const sequence of parseFeedback(Buffer.concat(packets), SSRC).lost) assert.ok(sequence >= 0 && sequence <= 0xffff);
    }),
  );
});

test('a sender report pairs wall-clock time with the RTP timestamp of that time', () => {
  const at = 1_763_650_000_500;
  const report = senderReport({ ssrc: SSRC, packets: 3, octets: 900, cname: 'gate/annotated' }, at, rtpTimestamp(at));
  assert.equal(report.length % 4, 0);
  assert.equal(report.readUInt32BE(8), Math.floor(at / 1000) + 2_208_988_800);
  assert.equal(report.readUInt32BE(12), 2 ** 31);
  assert.equal(report.readUInt32BE(16), rtpTimestamp(at));
  assert.equal(report.readUInt32BE(20), 3);
  assert.equal(report.readUInt32BE(24), 900);
});

test('packets that are asked for again are understood by who is asked, across the wrap of their numbers', () => {
  const lost = fc.uniqueArray(fc.nat(200), { minLength: 1, maxLength: 40 }).map((all) => all.toSorted((a, b) => a - b).map((offset) => (0xffa0 + offset) & 0xffff));
  fc.assert(
    fc.property(lost, (sequences) => {
      const packet = negativeAcknowledgement(SSRC, sequences);
      assert.equal(packet.length, (packet.readUInt16BE(2) + 1) * 4);
      assert.deepEqual(parseFeedback(packet, SSRC), { keyframe: false, lost: sequences });
    }),
  );
});
