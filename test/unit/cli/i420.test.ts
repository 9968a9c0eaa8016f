import assert from 'node:assert/strict';
import { test } from 'node:test';
import { I420Packer } from '../../../src/cli/publish/i420.ts';
import { newPicture } from '../../../src/pipeline/libav-picture.ts';
import { AVCOL_RANGE_JPEG } from 'node-av/constants';

test('rows are packed without gaps, and what makes a size odd is left out', () => {
  const picture = newPicture(5, 3);
  picture.planes.forEach((plane, index) => {
    plane.fill(255);
    const columns = index === 0 ? 5 : 3;
    for (let row = 0; row < (index === 0 ? 3 : 2); row++) for (let x = 0; x < columns; x++) plane[row * picture.strides[index]! + x] = 100 * index + 10 * row + x;
  });
  const { width, height, data } = new I420Packer().pack(picture);
  assert.deepEqual([width, height], [4, 2]);
  assert.deepEqual([...data], [0, 1, 2, 3, 10, 11, 12, 13, 100, 101, 200, 201]);
  picture.release();
});

test('full range becomes limited', () => {
  const picture = newPicture(2, 2, { colorRange: AVCOL_RANGE_JPEG });
  picture.planes[0].set([0, 255], 0);
  picture.planes[0].set([128, 1], picture.strides[0]);
  picture.planes[1][0] = 255;
  picture.planes[2][0] = 128;
  assert.deepEqual([...new I420Packer().pack(picture).data], [16, 235, 126, 17, 240, 128]);
  picture.release();
});
