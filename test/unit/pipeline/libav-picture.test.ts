import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frame } from 'node-av/lib';
import { AVCOL_SPC_BT709, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import { copyPicture, newPicture, wrapFrame } from '../../../src/pipeline/libav-picture.ts';

test('memory of a picture is used again for one of the same size, without its colours', () => {
  const first = newPicture(64, 36, { colorSpace: AVCOL_SPC_BT709 });
  const [luma] = first.planes;
  first.release();
  first.release();
  const [second, third] = [newPicture(64, 36), newPicture(64, 36)];
  assert.equal(second.planes[0], luma);
  assert.notEqual(third.planes[0], luma, 'given back twice, it was given out twice');
  assert.notEqual(second.frame.colorSpace, AVCOL_SPC_BT709);
  second.release();
  const other = newPicture(62, 36);
  assert.notEqual(other.planes[0], luma);
  assert.equal(other.planes[0].length >= 62 * 36, true);
  for (const picture of [third, other]) picture.release();
});

test('a picture is a copy of the frame that it was made from, range and colours included', () => {
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { format: AV_PIX_FMT_YUVJ420P, width: 33, height: 17, colorSpace: AVCOL_SPC_BT709 });
  frame.getBuffer();
  for (const [i, plane] of frame.data!.entries()) plane.fill(10 + i);
  const picture = wrapFrame(frame);
  const twin = copyPicture(picture);
  picture.planes[0].fill(99);
  for (const { width, height, range, frame: own } of [picture, twin]) {
    assert.deepEqual([width, height, range, own.colorSpace], [33, 17, 'full', AVCOL_SPC_BT709]);
  }
  const [y, u, v] = twin.planes;
  // The last pixel of each plane.
  assert.deepEqual([y[16 * twin.strides[0] + 32], u[8 * twin.strides[1] + 16], v[8 * twin.strides[2] + 16]], [10, 11, 12]);
  for (const one of [picture, twin]) one.release();
});
