import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Packet } from 'node-av/lib';
import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_NOPTS_VALUE, type AVCodecID } from 'node-av/constants';
import { PendingUnits } from '../../../src/pipeline/passthrough/pending-units.ts';
import type { PassthroughSource } from '../../../src/pipeline/passthrough/passthrough-source.ts';
import { PacketTap, type CodedQueue } from '../../../src/pipeline/passthrough/packet-tap.ts';

const open = (tap: PacketTap, codecId: AVCodecID = AV_CODEC_ID_H264): CodedQueue => tap.open({ codecpar: { codecId, extradata: null } });
/** Frame `pts`, whose content says which it is. */
const slice = (pts: number): Buffer => Buffer.of(0, 0, 0, 1, 0x41, 0xe0, pts);

/** Lets the decoder take packets with these times. */
function feed(queue: CodedQueue, ...times: (number | bigint)[]): void {
  feedOf(slice, queue, ...times);
}

function feedOf(content: (pts: number) => Buffer, queue: CodedQueue, ...times: (number | bigint)[]): void {
  for (const pts of times) {
    using packet = new Packet();
    packet.alloc();
    packet.data = content(Number(BigInt(pts) & 0xffn));
    packet.pts = BigInt(pts);
    queue.take(packet);
  }
}

/** Which packets a frame was decoded from, or why they can't be sent. */
function told(coded: PassthroughSource): number[] | string {
  return 'obstacle' in coded ? coded.obstacle : coded.units.map(({ parts }) => parts[0]!.at(-1)!);
}

describe('a decoder’s packets and frames', () => {
  test('are brought together by their times, with packets before of which no frame was made', () => {
    const queue = open(new PacketTap(() => true));
    feed(queue, 1, 2, 3, 4);
    assert.deepEqual([told(queue.of(1n)), told(queue.of(3n)), told(queue.of(4n))], [[1], [2, 3], [4]]);
  });

  test('of VP8 are damaged where no frame was made of one, until a key frame comes', () => {
    // The tag of a frame that is shown; a key frame of every fifth, with its start code and 16×16 pixels.
    const frame = (pts: number): Buffer => (pts % 5 === 0 ? Buffer.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0, pts) : Buffer.of(0x11, 0, 0, pts));
    const queue = open(new PacketTap(() => true), AV_CODEC_ID_VP8);
    feedOf(frame, queue, 1, 2, 3, 4, 5, 6);
    assert.deepEqual([1n, 3n, 5n, 6n].map((pts) => told(queue.of(pts))), [[1], 'damaged', [4, 5], [6]]);
  });

  test('that have the same time, or none, are not', () => {
    const queue = open(new PacketTap(() => true));
    feed(queue, 1, 1, AV_NOPTS_VALUE, 2, 3);
    assert.deepEqual([1n, 1n, 2n, 3n].map((pts) => told(queue.of(pts))), ['timestamps', [1], 'timestamps', [3]]);
  });

  test('of which the decoder found one damaged are not sent', () => {
    const queue = open(new PacketTap(() => true));
    feed(queue, 1, 2);
    assert.deepEqual([told(queue.of(1n, true)), told(queue.of(2n, true))], ['damaged', 'damaged']);
  });

  test('count on without a gap, but for what nobody wanted, what was too much, and another opening', () => {
    let wanted = true;
    const tap = new PacketTap(() => wanted);
    const queue = open(tap);
    const ordinals = (of: CodedQueue, pts: number): number[] => {
      const coded = of.of(BigInt(pts));
      return 'units' in coded ? coded.units.map(({ ordinal }) => ordinal) : [];
    };
    feed(queue, 1, 2);
    const [first] = ordinals(queue, 1);
    assert.deepEqual(ordinals(queue, 2), [first! + 1]);
    wanted = false;
    feed(queue, 3);
    assert.deepEqual(ordinals(queue, 3), []);
    wanted = true;
    feed(queue, 4);
    const [fourth] = ordinals(queue, 4);
    assert.ok(fourth! > first! + 2, 'a packet is missing');
    feed(queue, ...Array.from({ length: 301 }, (_, i) => 1000 + i));
    assert.equal(ordinals(queue, 1299).length, 0, 'a decoder that gives nothing is not waited for');
    const [last] = ordinals(queue, 1300);
    assert.ok(last! > fourth! + 301);
    const other = open(tap);
    feed(other, 1);
    assert.ok(ordinals(other, 1)[0]! > last! + 1);
  });

  test('of another codec are not kept', () => {
    const queue = open(new PacketTap(() => true), AV_CODEC_ID_HEVC);
    feed(queue, 1);
    assert.equal(told(queue.of(1n)), 'codec');
  });
});

describe('frames that a full pipeline drops', () => {
  const coded = (ordinal: number): PassthroughSource => ({ codec: 'H264', units: [{ ordinal, parts: [], key: false, id: { seq: ordinal, rtp: ordinal * 3600, capturedAt: ordinal * 40 } }] });

  test('leave what they were decoded from, and their times, to the next that passes', () => {
    const carried = new PendingUnits();
    carried.hold(coded(1));
    carried.hold(coded(2));
    const joined = carried.join(coded(3));
    assert.ok(joined !== undefined && 'units' in joined);
    assert.deepEqual(joined.units.map(({ ordinal, id: shownAs }) => [ordinal, shownAs?.seq]), [[1, 1], [2, 2], [3, 3]]);
    assert.deepEqual(carried.join(coded(4)), coded(4));
  });

  test('are forgotten where another codec comes', () => {
    const carried = new PendingUnits();
    carried.hold(coded(1));
    const other: PassthroughSource = { codec: 'VP8', units: [{ ordinal: 2, parts: [], key: true }] };
    assert.deepEqual(carried.join(other), other);
  });

  test('are forgotten where they are too many, and where one can’t be sent', () => {
    const carried = new PendingUnits();
    for (let n = 0; n < 257; n++) carried.hold(coded(n));
    assert.deepEqual(carried.join(coded(257)), coded(257));
    carried.hold(coded(1));
    carried.hold({ obstacle: 'damaged' });
    assert.deepEqual(carried.join(coded(3)), coded(3));
  });
});
