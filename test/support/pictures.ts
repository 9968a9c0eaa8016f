import { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG } from 'node-av/constants';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';

/** A picture filled with one grey, or with what `luma` says of each pixel. */
export function makePicture(
  width: number,
  height: number,
  luma: number | ((x: number, y: number) => number) = 128,
  range: Picture['range'] = 'limited',
): Picture {
  const picture = newPicture(width, height, { colorRange: range === 'full' ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG });
  const [y, u, v] = picture.planes;
  u.fill(128);
  v.fill(128);
  if (typeof luma === 'number') y.fill(luma);
  else for (let row = 0; row < height; row++) for (let x = 0; x < width; x++) y[row * picture.strides[0] + x] = luma(x, row);
  return picture;
}
