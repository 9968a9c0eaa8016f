import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vp9Frames, vp9Pixels, vp9Superframe } from '../../../src/pipeline/rtp/depacketize/vp9-frames.ts';
import { LowDelayDecoder } from '../../../src/pipeline/source/publish/low-delay-decoder.ts';

/** Bytes of fields, each a value and its bits, most significant first. */
function bitsOf(...fields: readonly (readonly [value: number, bits: number])[]): Buffer {
  const text = fields.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('');
  return Buffer.from(text.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)));
}

const SYNC = [0x498342, 24] as const;
const SIZE = [[1279, 16], [719, 16]] as const;

test('a VP9 frame says its size in its header, wherever that stands', () => {
  assert.equal(vp9Pixels(bitsOf([2, 2], [0, 2], [0, 1], [0, 1], [1, 1], [0, 1], SYNC, [2, 3], [0, 1], ...SIZE)), 1280 * 720, 'a key frame');
  assert.equal(vp9Pixels(bitsOf([2, 2], [0, 2], [0, 1], [1, 1], [0, 1], [0, 1], [1, 1], [0, 2], SYNC, [1, 8], ...SIZE)), 1280 * 720, 'an intra-only one');
  assert.equal(vp9Pixels(bitsOf([2, 2], [0, 2], [0, 1], [1, 1], [1, 1], [0, 1], [0, 2], [1, 8], [0, 12], [0, 3], ...SIZE)), 1280 * 720, 'one that is larger than what it refers to');
  assert.equal(vp9Pixels(bitsOf([2, 2], [0, 2], [0, 1], [1, 1], [1, 1], [1, 1], [1, 8], [0, 12], [1, 1])), 0, 'one of the size of another');
  assert.equal(vp9Pixels(bitsOf([2, 2], [0, 2], [1, 1], [3, 3])), 0, 'one that shows another');
  assert.equal(vp9Pixels(bitsOf([1, 2], [0, 6])), Infinity, 'none');
});

test('a superframe is taken apart into what it was made of, and what has no index is one frame', () => {
  const frames = [Buffer.from([1, 2, 3]), Buffer.from([4])];
  assert.deepEqual(vp9Frames(vp9Superframe(frames)), frames);
  assert.deepEqual(vp9Frames(frames[0]!), [frames[0]]);
  assert.deepEqual(vp9Frames(Buffer.from([0xc1])), [Buffer.from([0xc1])]);
});

test('a frame of more pixels than are taken is not given to the decoder', async () => {
  const decoder = await LowDelayDecoder.open('VP9');
  const key = (width: number): Buffer => bitsOf([2, 2], [0, 2], [0, 1], [0, 1], [1, 1], [0, 1], SYNC, [2, 3], [0, 1], [width - 1, 16], [65_535, 16], [0, 64]);
  await assert.rejects(decoder.decode(key(65_536), 0), /VP9 frame size/);
  // Behind a frame that is small enough, too.
  await assert.rejects(decoder.decode(vp9Superframe([key(16), key(65_536)]), 0), /VP9 frame size/);
  decoder.close();
});
