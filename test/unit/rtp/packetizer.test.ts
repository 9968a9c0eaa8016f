import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';
import { ntpTime } from '../../../src/pipeline/rtp/ntp.ts';
import { Packetizer } from '../../../src/pipeline/rtp/packetize/packetizer.ts';
import { MAX_PAYLOAD } from '../../../src/pipeline/rtp/packetize/payloader.ts';

const IDENTITY = { ssrc: 7, payloadType: 102, extensions: { absCaptureTime: 10, playoutDelay: 11 } };
const ID = { seq: 3, rtp: 0xfedc_ba98, capturedAt: 1_763_650_000_123.5 };

/** NAL units as encoders make them: a type that is neither delimiter nor filler, a body without trailing zero. */
const nal = fc
  .tuple(fc.constantFrom(1, 5, 6, 7, 8), fc.constantFrom(0, 1, 2, 3), fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9000 })))
  .map(([type, nri, size]) => {
    const bytes = Buffer.alloc(size + 1, (size % 250) + 1);
    bytes[0] = (nri << 5) | type;
    return bytes;
  });

function payloadOf(packet: Buffer): Buffer {
  const extended = (packet[0]! & 0x10) !== 0;
  return packet.subarray(extended ? 12 + 4 + packet.readUInt16BE(14) * 4 : 12);
}

function depacketize(packets: readonly Buffer[]): Buffer[] {
  const nals: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (const payload of packets.map(payloadOf)) {
    const type = payload[0]! & 0x1f;
    if (type === 24) {
      for (let at = 1; at < payload.length; ) {
        const size = payload.readUInt16BE(at);
        nals.push(payload.subarray(at + 2, at + 2 + size));
        at += 2 + size;
      }
    } else if (type === 28) {
      if ((payload[1]! & 0x80) !== 0) pieces = [Buffer.from([(payload[0]! & 0xe0) | (payload[1]! & 0x1f)])];
      pieces.push(payload.subarray(2));
      if ((payload[1]! & 0x40) !== 0) nals.push(Buffer.concat(pieces));
    } else {
      nals.push(payload);
    }
  }
  return nals;
}

test('whatever is packed comes out again, in packets that fit, numbered without a gap, with one marker', () => {
  fc.assert(
    fc.property(fc.array(nal, { minLength: 1, maxLength: 12 }), fc.integer({ min: 0, max: 0xffff }), (nals, first) => {
      const packets = new Packetizer('H264', IDENTITY, first).packetize(ID, nals);
      assert.deepEqual(depacketize(packets), nals);
      packets.forEach((packet, i) => {
        assert.ok(payloadOf(packet).length <= MAX_PAYLOAD);
        assert.equal(packet.readUInt16BE(2), (first + i) & 0xffff);
        assert.equal(packet.readUInt32BE(4), ID.rtp);
        assert.equal((packet[1]! & 0x80) !== 0, i === packets.length - 1);
      });
    }),
  );
});

test('the first packet of a frame carries its capture time and a playout delay of zero', () => {
  const [packet] = new Packetizer('H264', IDENTITY, 0).packetize(ID, [Buffer.from([0x65, 1])]);
  assert.equal(packet!.readUInt16BE(12), 0xbede);
  assert.equal(packet![16], (10 << 4) | 7);
  const { seconds, fraction } = ntpTime(ID.capturedAt);
  assert.equal(packet!.readUInt32BE(17), seconds);
  assert.equal(packet!.readUInt32BE(21), fraction);
  assert.deepEqual([...packet!.subarray(25, 29)], [(11 << 4) | 2, 0, 0, 0]);
});

test('access unit delimiters and filler are left out', () => {
  const packets = new Packetizer('H264', IDENTITY, 0).packetize(ID, [Buffer.from([9, 0x10]), Buffer.from([0x65, 1]), Buffer.from([12, 0xff])]);
  assert.deepEqual(depacketize(packets), [Buffer.from([0x65, 1])]);
});

test('a byte stream is split at start codes of three and four bytes', () => {
  const stream = Buffer.from([0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3, 0, 0]);
  assert.deepEqual(splitAnnexB(stream), [Buffer.from([0x67, 1]), Buffer.from([0x68, 2]), Buffer.from([0x65, 3])]);
});

test('parameter sets and SEI share one packet', () => {
  const nals = [Buffer.from([0x67, 1]), Buffer.from([0x68, 2]), Buffer.from([0x06, 3]), Buffer.from([0x65, 4])];
  const packets = new Packetizer('H264', IDENTITY, 0).packetize(ID, nals);
  assert.deepEqual(packets.map((packet) => payloadOf(packet)[0]! & 0x1f), [24, 5]);
});

test('a picture that is cut travels in pieces of nearly the same size', () => {
  const packets = new Packetizer('H264', IDENTITY, 0).packetize(ID, [Buffer.alloc(MAX_PAYLOAD * 2 + 1, 0x65)]);
  const sizes = packets.map((packet) => payloadOf(packet).length);
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= packets.length, sizes.join(', '));
});

test('splitting a byte stream gives back the units that it was made of, whatever they hold', () => {
  // Inside a unit, no three bytes look like a start code: encoders see to that (ITU-T H.264 §7.4.1).
  const body = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte | 1 : byte === 0 && i % 2 === 1 ? 3 : byte)));
  const unit = fc.tuple(body, fc.boolean());
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 10 }), (units) => {
      const stream = Buffer.concat(units.flatMap(([bytes, long]) => [Buffer.from(long ? [0, 0, 0, 1] : [0, 0, 1]), bytes]));
      assert.deepEqual(splitAnnexB(stream), units.map(([bytes]) => Buffer.from(bytes)));
    }),
  );
});

test('bytes that are no byte stream give no units, and do not throw', () => {
  assert.deepEqual(splitAnnexB(Buffer.alloc(0)), []);
  assert.deepEqual(splitAnnexB(Buffer.from([1, 2, 3])), []);
  assert.deepEqual(splitAnnexB(Buffer.from([0, 0, 1, 0, 0, 1])), []);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void splitAnnexB(Buffer.from(bytes))));
});
