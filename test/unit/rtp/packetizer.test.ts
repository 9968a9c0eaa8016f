import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AV_CODEC_ID_AV1, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9 } from 'node-av/constants';
import { createReader } from '../../../src/pipeline/passthrough/readers.ts';
import { splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';
import { createDepacketizer } from '../../../src/pipeline/rtp/depacketize/create-depacketizer.ts';
import { FrameAssembler, type AssembledFrame } from '../../../src/pipeline/rtp/frame-assembler.ts';
import { ntpTime } from '../../../src/pipeline/rtp/ntp.ts';
import { sizedObu } from '../../../src/pipeline/rtp/obu.ts';
import { readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import { Packetizer } from '../../../src/pipeline/rtp/packetize/packetizer.ts';
import { MAX_PAYLOAD } from '../../../src/pipeline/rtp/packetize/payloader.ts';
import { codedClip } from '../../support/coded-clip.ts';

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

describe('VP8, VP9 and AV1', () => {
  const CODECS = [
    { codec: 'VP8', codecId: AV_CODEC_ID_VP8, coding: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '4M'], passes: 1 },
    { codec: 'VP9', codecId: AV_CODEC_ID_VP9, coding: ['-c:v', 'libvpx-vp9', '-auto-alt-ref', '6', '-lag-in-frames', '16', '-cpu-used', '5'], passes: 2 },
    { codec: 'AV1', codecId: AV_CODEC_ID_AV1, coding: ['-c:v', 'libsvtav1', '-preset', '12'], passes: 1 },
  ] as const;
  const [, VP9] = CODECS;

  for (const { codec, codecId, coding, passes } of CODECS) {
    test(`${codec} comes out as the encoder has made it, with its hidden frames and its key frames`, async () => {
      const { reader } = createReader({ codecId, extradata: null })!;
      const packetizer = new Packetizer(codec, IDENTITY, 65_000);
      const came: AssembledFrame[] = [];
      const assembler = new FrameAssembler(codec, { frame: (frame) => came.push(frame), needsKeyframe: () => assert.fail('nothing is missing') });
      const sent = (await codedClip(coding, { passes })).map((packet, i) => {
        const read = reader.read(packet);
        assert.ok(typeof read !== 'string');
        for (const one of packetizer.packetize({ rtp: i * 3600, capturedAt: i * 40 }, read.parts, read.key)) assembler.push(readRtpPacket(one)!, i * 40);
        return { data: codec === 'AV1' ? Buffer.concat(read.parts.map(sizedObu)) : packet, key: read.key, timestamp: i * 3600 };
      });
      assert.deepEqual(came, sent);
    });

    test(`${codec} of any size travels in packets that fit and are nearly the same size, with one marker`, () => {
      // Of AV1: several OBUs of a frame without a size.
      const part = fc.oneof(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 9000 })).map((size) => Buffer.alloc(size, 0x30));
      const packetizer = new Packetizer(codec, IDENTITY, 0);
      fc.assert(
        fc.property(fc.array(part, { minLength: 1, maxLength: codec === 'AV1' ? 12 : 1 }), fc.boolean(), (parts, key) => {
          const packets = packetizer.packetize(ID, parts, key);
          const payloads = packets.map(payloadOf);
          const sizes = payloads.map(({ length }) => length);
          assert.ok(Math.max(...sizes) <= MAX_PAYLOAD, `${Math.max(...sizes)} bytes`);
          const whole = parts.reduce((sum, { length }) => sum + length, 0);
          assert.ok(packets.length <= Math.ceil((whole + 2 * parts.length) / (MAX_PAYLOAD - 16)), `${packets.length} packets for ${whole} bytes`);
          assert.ok(Math.min(...sizes.slice(0, -1)) >= Math.max(...sizes) - 16, sizes.join(', '));
          assert.deepEqual(packets.map((packet) => (packet[1]! & 0x80) !== 0), packets.map((_, i) => i === packets.length - 1));
          const depacketizer = createDepacketizer(codec);
          for (const payload of payloads) depacketizer.push(payload);
          assert.deepEqual(depacketizer.take()?.data, Buffer.concat(codec === 'AV1' ? parts.map(sizedObu) : parts));
        }),
      );
    });
  }

  /** Payloads of frames that each fit into a packet. */
  function payloadsOf(codec: 'VP8' | 'VP9' | 'AV1', frames: readonly { parts: Buffer[]; key: boolean }[]): Buffer[] {
    const packetizer = new Packetizer(codec, IDENTITY, 0);
    return frames.flatMap(({ parts, key }) => packetizer.packetize(ID, parts, key)).map(payloadOf);
  }
  const deltas = Array.from({ length: 3 }, () => ({ parts: [Buffer.from([0x87, 1])], key: false }));

  test('pictures of VP8 and VP9 are numbered without a gap, in 15 bits', () => {
    for (const [codec, at] of [['VP8', 2], ['VP9', 1]] as const) {
      const ids = payloadsOf(codec, deltas).map((payload) => payload.readUInt16BE(at));
      assert.ok(ids.every((id) => (id & 0x8000) !== 0));
      assert.deepEqual(ids.map((id) => (id - ids[0]!) & 0x7fff), [0, 1, 2]);
    }
  });

  test('a key frame of VP9 tells its size, and that each picture refers to the one before; others say so', async () => {
    const [key] = await codedClip(VP9.coding, { frames: 2 });
    const packetizer = new Packetizer('VP9', IDENTITY, 0);
    const [first, ...rest] = packetizer.packetize(ID, [key!], true).map(payloadOf);
    // I, L, B, V; behind the picture id its layers and TL0PICIDX; N_S 0, Y, G; 160×96; a group of one: base layer, one reference, to the one before.
    assert.equal(first![0], 0b1010_1010);
    assert.deepEqual([...first!.subarray(5, 13)], [0x18, 0, 160, 0, 96, 1, 0x04, 1]);
    assert.deepEqual(rest.map(([flags]) => flags), rest.map((_, i) => (i === rest.length - 1 ? 0b1010_0100 : 0b1010_0000)));
    const [delta, next] = [packetizer.packetize(ID, [Buffer.from([0x87, 1])]), packetizer.packetize(ID, [Buffer.from([0x87, 1])])].map(([packet]) => payloadOf(packet!));
    assert.equal(delta![0], 0b1110_1100);
    assert.deepEqual([delta![3], delta![4], next![4]], [0, (first![4]! + 1) & 0xff, (first![4]! + 2) & 0xff]);
  });

  test('a packet of AV1 says how many OBUs it has, and whether a sequence begins', () => {
    const [sequence, frame] = [Buffer.from([0x08, 1]), Buffer.from([0x30, 2, 3])];
    assert.deepEqual(payloadsOf('AV1', [{ parts: [sequence, frame], key: true }]), [Buffer.from([0x28, 2, ...sequence, ...frame])]);
    assert.deepEqual(payloadsOf('AV1', [{ parts: [frame], key: false }]), [Buffer.from([0x10, ...frame])]);
    const four = payloadsOf('AV1', [{ parts: [sequence, frame, frame, frame], key: true }]);
    assert.deepEqual(four, [Buffer.from([0x08, 2, ...sequence, ...[frame, frame, frame].flatMap((obu) => [3, ...obu])])]);
  });
});
