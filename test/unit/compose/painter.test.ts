import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Painter } from '../../../src/pipeline/compose/painter.ts';
import { makePicture } from '../../support/pictures.ts';

describe('a darkened area', () => {
  it('has 35 % of each pixel’s luma above black, rounded down, and no other pixel changes', () => {
    const edge = fc.integer({ min: -4, max: 40 });
    fc.assert(
      fc.property(fc.constantFrom('limited' as const, 'full' as const), fc.uint8Array({ minLength: 32 * 24, maxLength: 32 * 24 }), edge, edge, edge, edge, (range, samples, left, top, right, bottom) => {
        const picture = makePicture(32, 24, (x, y) => samples[y * 32 + x]!, range);
        const [luma] = picture.planes;
        const [stride] = picture.strides;
        new Painter(picture).shade(left, top, right, bottom);
        const black = range === 'full' ? 0 : 16;
        for (let y = 0; y < 24; y++) {
          for (let x = 0; x < 32; x++) {
            const before = samples[y * 32 + x]!;
            const inside = x >= left && x < right && y >= top && y < bottom;
            assert.equal(luma[y * stride + x], inside ? Math.trunc(black + (before - black) * 0.35) : before);
          }
        }
        picture.release();
      }),
    );
  });
});
