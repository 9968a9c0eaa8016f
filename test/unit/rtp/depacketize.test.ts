import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';
import { createDepacketizer } from '../../../src/pipeline/rtp/depacketize/create-depacketizer.ts';
import type { CodedFrame } from '../../../src/pipeline/rtp/depacketize/depacketizer.ts';
import { readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import { Packetizer } from '../../../src/pipeline/rtp/packetize/packetizer.ts';
import { VIDEO_CODECS, type VideoCodec } from '../../../src/pipeline/media/video-codec.ts';

function frameOf(codec: VideoCodec, payloads: readonly (readonly number[] | Buffer)[]): CodedFrame | undefined {
  const depacketizer = createDepacketizer(codec);
  for (const payload of payloads) depacketizer.push(Buffer.from(payload));
  return depacketizer.take();
}

test('H.264 comes out as it was packed, in single, aggregated and fragmented units', () => {
  const unit = (type: number, bytes: readonly number[]): Buffer => Buffer.from([0x60 | type, ...bytes, 1]);
  // No byte of 0, so that no unit holds a start code or ends like one.
  const body = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 4000, size: 'max' });
  const units = fc.array(fc.tuple(fc.constantFrom(1, 5, 6, 7, 8), body), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(units, (given) => {
      const nals = given.map(([type, bytes]) => unit(type, bytes));
      const packetizer = new Packetizer('H264', { ssrc: 1, payloadType: 96, extensions: { absCaptureTime: 1, playoutDelay: 2 } }, 0);
      const packets = packetizer.packetize({ rtp: 0, capturedAt: 0 }, nals);
      const frame = frameOf('H264', packets.map((packet) => readRtpPacket(packet)!.payload));
      assert.deepEqual(splitAnnexB(frame!.data), nals);
      assert.equal(frame!.key, given.some(([type]) => type === 5));
    }),
    { numRuns: 50 },
  );
});

test('H.264 whose fragments have no beginning or no end gives no frame', () => {
  assert.equal(frameOf('H264', [[0x7c, 0x05, 1]]), undefined);
  assert.equal(frameOf('H264', [[0x7c, 0x85, 1]]), undefined);
  assert.equal(frameOf('H264', [[0x7c, 0x85, 1], [0x65, 1]]), undefined);
  assert.equal(frameOf('H264', [[0x78, 0, 9, 1]]), undefined, 'an aggregate that is cut off');
  assert.ok(frameOf('H264', [[0x7c, 0x85, 1], [0x7c, 0x45, 2]]));
});

test('VP8 loses its payload descriptors, whatever fields they have', () => {
  const [key, delta] = [[0x10, 2, 3], [0x11, 5, 6]];
  assert.deepEqual(frameOf('VP8', [[0x10, ...key]]), { data: Buffer.from(key), key: true });
  assert.deepEqual(frameOf('VP8', [[0x10, ...delta]]), { data: Buffer.from(delta), key: false });
  // X; I, L and T; a picture id of 15 bits, TL0PICIDX, TID.
  assert.deepEqual(frameOf('VP8', [[0x90, 0xe0, 0x81, 0x02, 0x07, 0x40, ...key], [0x80, 0xe0, 0x81, 0x02, 0x07, 0x40, 9]]), { data: Buffer.from([...key, 9]), key: true });
  // X; I alone, of 7 bits.
  assert.deepEqual(frameOf('VP8', [[0x90, 0x80, 0x01, ...key]]), { data: Buffer.from(key), key: true });
  assert.equal(frameOf('VP8', [[0x00, ...key]]), undefined, 'a frame without its beginning');
  assert.equal(frameOf('VP8', [[0x10]]), undefined, 'a packet without a payload');
});

test('VP9 loses its payload descriptors, and its spatial layers become a superframe', () => {
  // I with 7 bits, B and E; then a predicted frame in two packets.
  assert.deepEqual(frameOf('VP9', [[0x8c, 0x01, 7, 8]]), { data: Buffer.from([7, 8]), key: true });
  assert.deepEqual(frameOf('VP9', [[0xc8, 0x02, 7], [0xc4, 0x02, 8]]), { data: Buffer.from([7, 8]), key: false });
  // Flexible mode with two references, and a scalability structure of one layer and one picture with one reference.
  assert.deepEqual(frameOf('VP9', [[0xdc, 0x03, 0x03, 0x04, 7]]), { data: Buffer.from([7]), key: false });
  assert.deepEqual(frameOf('VP9', [[0x8e, 0x01, 0x18, 0x01, 0x40, 0x00, 0xf0, 0x01, 0x04, 0x01, 7]]), { data: Buffer.from([7]), key: true });
  // L: layer indices and TL0PICIDX. The second layer is predicted from the first, the picture is a key picture all the same.
  const layers = frameOf('VP9', [[0xac, 0x01, 0x00, 0x00, 1, 2, 3], [0xec, 0x01, 0x03, 0x00, 4, 5]]);
  const index = [0xd9, 3, 0, 0, 0, 2, 0, 0, 0, 0xd9];
  assert.deepEqual(layers, { data: Buffer.from([1, 2, 3, 4, 5, ...index]), key: true });
  assert.equal(frameOf('VP9', [[0x84, 0x01, 8]]), undefined, 'a frame without its beginning');
  assert.equal(frameOf('VP9', [[0x88, 0x01, 7]]), undefined, 'a frame without its end');
});

test('AV1’s OBUs get their sizes, whichever way they were packed', () => {
  const sequence = [0x08, 1, 2];
  const frame = [0x30, 3, 4, 5];
  const sized = [0x0a, 2, 1, 2, 0x32, 3, 3, 4, 5];
  // W = 0: every element says how long it is. W = 2: the last does not.
  assert.deepEqual(frameOf('AV1', [[0x08, 3, ...sequence, 4, ...frame]]), { data: Buffer.from(sized), key: true });
  assert.deepEqual(frameOf('AV1', [[0x28, 3, ...sequence, ...frame]]), { data: Buffer.from(sized), key: true });
  // Y and Z: the frame goes on in the next packet, and in the one after that.
  assert.deepEqual(frameOf('AV1', [[0x60, 3, ...sequence, ...frame.slice(0, 1)], [0xd0, ...frame.slice(1, 3)], [0x90, ...frame.slice(3)]]), {
    data: Buffer.from(sized),
    key: true,
  });
  // With a size already; with an extension; a temporal delimiter is left out.
  assert.deepEqual(frameOf('AV1', [[0x20, 1, 0x10, 0x32, 1, 9]]), { data: Buffer.from([0x32, 1, 9]), key: false });
  assert.deepEqual(frameOf('AV1', [[0x10, 0x34, 0x20, 9]]), { data: Buffer.from([0x36, 0x20, 1, 9]), key: false });
  const long = [0x30, ...new Array<number>(300).fill(7)];
  assert.deepEqual(frameOf('AV1', [[0x10, ...long]])?.data.subarray(0, 3), Buffer.from([0x32, 0xac, 0x02]));
  assert.equal(frameOf('AV1', [[0x90, 1, 2]]), undefined, 'an OBU without its beginning');
  assert.equal(frameOf('AV1', [[0x50, 1, 2]]), undefined, 'an OBU without its end');
  assert.equal(frameOf('AV1', [[0x00, 9, 1]]), undefined, 'a length beyond the packet');
});

for (const codec of VIDEO_CODECS) {
  test(`${codec} of whatever bytes gives a frame or none, and the frame after it is not spoiled`, () => {
    const whole = { VP8: [0x10, 0, 1], VP9: [0x0c, 1], H264: [0x65, 1], AV1: [0x10, 0x30, 1] }[codec];
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (payloads) => {
        const depacketizer = createDepacketizer(codec);
        for (const payload of payloads) depacketizer.push(Buffer.from(payload));
        depacketizer.take();
        depacketizer.push(Buffer.from(whole));
        assert.ok(depacketizer.take());
      }),
    );
  });
}
