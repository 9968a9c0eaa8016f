import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { tagRole } from '../../../src/rtmp/flv.ts';
import { FlvFeed } from '../../../src/rtmp/flv-feed.ts';
import { MESSAGE, type RtmpMessage } from '../../../src/rtmp/message.ts';

const message = (type: number, bytes: number[], timestamp = 0): RtmpMessage => ({ type, streamId: 1, timestamp, payload: Buffer.from(bytes) });
const SCRIPT = message(MESSAGE.data, [2, 0, 1, 0x41]);
const VIDEO_HEADER = message(MESSAGE.video, [0x17, 0, 0, 0, 0]);
const AUDIO_HEADER = message(MESSAGE.audio, [0xaf, 0, 0x12, 0x10]);
const key = (n: number): RtmpMessage => message(MESSAGE.video, [0x17, 1, 0, 0, n], n);
const delta = (n: number): RtmpMessage => message(MESSAGE.video, [0x27, 1, 0, 0, n], n);
const sound = (n: number): RtmpMessage => message(MESSAGE.audio, [0xaf, 1, n], n);

/** What a reader has got: the flags of the header, then the last byte of each tag’s payload. */
function got(out: PassThrough): number[] {
  const data = (out.read() as Buffer | null) ?? Buffer.alloc(0);
  if (data.length === 0) return [];
  const seen: number[] = [];
  let at = 0;
  if (data.toString('latin1', 0, 3) === 'FLV') {
    seen.push(data[4]!);
    at = 13;
  }
  while (at < data.length) {
    const size = data.readUIntBE(at + 1, 3);
    assert.equal(data.readUInt32BE(at + 11 + size), 11 + size);
    seen.push(data[at + 10 + size]!);
    at += 15 + size;
  }
  return seen;
}

describe('a feed of FLV', () => {
  it('gives a reader nothing before a key frame, and then first what a decoder needs', () => {
    const feed = new FlvFeed();
    const out = new PassThrough();
    feed.attach(out);
    for (const each of [SCRIPT, VIDEO_HEADER, AUDIO_HEADER, sound(1), delta(2)]) feed.push(each);
    assert.deepEqual(got(out), []);
    for (const each of [key(3), sound(4), delta(5)]) feed.push(each);
    assert.deepEqual(got(out), [5, 0x41, 0, 0x10, 3, 4, 5]);
  });

  it('gives a reader who comes later everything from the last key frame on, and each its own', () => {
    const feed = new FlvFeed();
    for (const each of [VIDEO_HEADER, key(1), delta(2), key(3), delta(4)]) feed.push(each);
    const [one, other] = [new PassThrough(), new PassThrough()];
    feed.attach(one);
    feed.push(delta(5));
    feed.attach(other);
    assert.deepEqual([got(one), got(other)], [[1, 0, 3, 4, 5], [1, 0, 3, 4, 5]]);
  });

  it('lets a reader that is too slow go on at a key frame, and counts what it missed', () => {
    const feed = new FlvFeed();
    const out = new PassThrough({ highWaterMark: 1 });
    feed.attach(out);
    feed.push(key(1));
    const big = { ...delta(2), payload: Buffer.concat([Buffer.from([0x27, 1]), Buffer.alloc(9 << 20)]) };
    for (let i = 0; i < 4; i++) feed.push(big);
    const { dropped } = feed;
    assert.ok(dropped > 0);
    while (out.read() !== null);
    feed.push(delta(6));
    assert.equal(feed.dropped, dropped + 1);
    feed.push(key(7));
    feed.push(delta(8));
    assert.deepEqual(got(out), [7, 8]);
  });

  it('keeps no more than it may for who comes later', () => {
    const feed = new FlvFeed();
    feed.push(key(1));
    for (let i = 0; i < 5000; i++) feed.push(delta(2));
    const out = new PassThrough();
    feed.attach(out);
    assert.deepEqual(got(out), []);
    feed.push(key(3));
    assert.deepEqual(got(out), [1, 3]);
  });
});

describe('the role of a tag', () => {
  for (const [role, type, bytes] of [
    ['video-header', 9, [0x17, 0]],
    ['key', 9, [0x17, 1]],
    ['delta', 9, [0x27, 1]],
    ['key', 9, [0x12, 0]],
    ['nothing', 9, [0x57, 0]],
    ['nothing', 9, []],
    ['video-header', 9, [0x90, 0x68]],
    ['key', 9, [0x91, 0x68]],
    ['key', 9, [0x93, 0x68]],
    ['delta', 9, [0xa1, 0x61]],
    ['audio-header', 8, [0xaf, 0]],
    ['audio', 8, [0xaf, 1]],
    ['audio', 8, [0x2f, 0]],
    ['audio-header', 8, [0x90, 0x4f]],
    ['audio', 8, [0x91, 0x4f]],
    ['script', 18, [2]],
  ] as const) {
    it(`is ${role} for ${type}: ${bytes.map((byte) => byte.toString(16)).join(' ')}`, () => {
      assert.equal(tagRole({ type, payload: Buffer.from(bytes) }), role);
    });
  }
});
