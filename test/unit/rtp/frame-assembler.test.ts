import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameAssembler } from '../../../src/pipeline/rtp/frame-assembler.ts';
import { isRtcp, readRtpPacket, type RtpPacket } from '../../../src/pipeline/rtp/packet.ts';

/** A VP8 frame in two packets; its timestamp names it. */
function frame(timestamp: number, sequence: number, key = false): RtpPacket[] {
  const packet = (offset: number, marker: boolean, payload: number[]): RtpPacket => ({
    payloadType: 96,
    marker,
    sequence: (sequence + offset) & 0xffff,
    timestamp,
    ssrc: 1,
    payload: Buffer.from(payload),
  });
  return [packet(0, false, [0x10, key ? 0 : 1, 1]), packet(1, true, [0x00, 2, 2])];
}

class Rig {
  readonly frames: number[] = [];
  requests = 0;
  readonly #assembler = new FrameAssembler('VP8', {
    frame: ({ timestamp }) => this.frames.push(timestamp),
    needsKeyframe: () => (this.requests += 1),
  });

  /** @param at milliseconds */
  push(packets: readonly RtpPacket[], at = 0): this {
    for (const packet of packets) this.#assembler.push(packet, at);
    return this;
  }

  restart(): void {
    this.#assembler.restart();
  }
}

describe('a frame assembler', () => {
  it('begins with a key frame, and asks for one', () => {
    const rig = new Rig().push([...frame(1, 0), ...frame(2, 2)]);
    assert.deepEqual([rig.frames, rig.requests], [[], 2]);
    rig.push([...frame(3, 4, true), ...frame(4, 6)]);
    assert.deepEqual([rig.frames, rig.requests], [[3, 4], 2]);
  });

  it('brings packets into order, across the wrap of their numbers', () => {
    const packets = [...frame(1, 0xfffd, true), ...frame(2, 0xffff), ...frame(3, 1)];
    const tail = fc.shuffledSubarray(packets.slice(1), { minLength: packets.length - 1 });
    fc.assert(fc.property(tail, (shuffled) => assert.deepEqual(new Rig().push([packets[0]!, ...shuffled]).frames, [1, 2, 3])));
  });

  it('takes a packet that comes twice once', () => {
    const packets = [...frame(1, 0, true), ...frame(2, 2)];
    assert.deepEqual(new Rig().push(packets.flatMap((packet) => [packet, packet])).frames, [1, 2]);
  });

  it('waits for a packet that is missing, gives it up in the end, and goes on with a key frame', () => {
    const rig = new Rig().push([...frame(1, 0, true), ...frame(2, 2).slice(0, 1), ...frame(3, 4)], 0);
    assert.deepEqual([rig.frames, rig.requests], [[1], 0]);
    rig.push(frame(4, 6), 500);
    assert.deepEqual(rig.frames, [1], 'frames after the gap refer to what is missing');
    assert.ok(rig.requests > 0);
    rig.push([...frame(5, 8, true), ...frame(6, 10)], 520);
    assert.deepEqual(rig.frames, [1, 5, 6]);
  });

  it('follows a sender that begins anew', () => {
    const rig = new Rig().push(frame(1, 0, true));
    rig.push([...frame(2, 30_000, true), ...frame(3, 30_002, true), ...frame(4, 30_004)]);
    assert.deepEqual(rig.frames, [1, 3, 4]);
  });

  it('does not collect for ever what never becomes a frame', () => {
    const rig = new Rig().push(frame(1, 0, true));
    const [, part] = frame(2, 2);
    const endless = Array.from({ length: 200 }, (_, i): RtpPacket => ({ ...part!, marker: false, sequence: 2 + i, payload: Buffer.alloc(100_000) }));
    rig.push([...endless, { ...part!, sequence: 202 }]);
    assert.deepEqual(rig.frames, [1]);
    rig.push(frame(3, 203, true));
    assert.deepEqual(rig.frames, [1, 3]);
  });

  it('leaves out what comes before the next key frame when the decoder has lost its way', () => {
    const rig = new Rig().push(frame(1, 0, true));
    rig.restart();
    assert.equal(rig.requests, 1);
    rig.push([...frame(2, 2), ...frame(3, 4, true)]);
    assert.deepEqual(rig.frames, [1, 3]);
  });
});

describe('an RTP packet', () => {
  it('is read without its contributing sources, header extensions and padding', () => {
    const packet = Buffer.from([0xb1, 0xe0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 1, 1, 1, 1, 0xbe, 0xde, 0, 1, 0x10, 9, 0, 0, 42, 43, 0, 2]);
    assert.deepEqual(readRtpPacket(packet), { payloadType: 96, marker: true, sequence: 7, timestamp: 9, ssrc: 5, payload: Buffer.from([42, 43]) });
    assert.equal(isRtcp(packet), false);
    assert.equal(isRtcp(Buffer.from([0x80, 200, 0, 1])), true);
  });

  it('of whatever bytes is read or none', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void readRtpPacket(Buffer.from(bytes))));
  });
});
