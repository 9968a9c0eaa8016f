import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { contentOf, cropOf, InputScaler, type InputGeometry } from '../../../src/pipeline/detect/input-scaler.ts';
import { flatPicture } from '../../support/detect.ts';

const LETTERBOX: InputGeometry = { width: 64, height: 64, resize: 'letterbox', anchor: 'center', pad: 114, packed: true };
const PLANAR: InputGeometry = { ...LETTERBOX, packed: false };
const frame = (seq: number) => ({ seq, rtp: seq * 3000, capturedAt: seq * 33 });

function pixel(data: Buffer, width: number, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

describe('placing', () => {
  test('a wide picture is letterboxed in the middle or at the top', () => {
    assert.deepEqual(contentOf(1280, 720, { ...LETTERBOX, width: 416, height: 416 }), [0, 91, 416, 234]);
    assert.deepEqual(contentOf(1280, 720, { ...LETTERBOX, width: 416, height: 416, anchor: 'top-left' }), [0, 0, 416, 234]);
  });

  test('a tall picture is letterboxed sideways, and a stretched one fills all', () => {
    assert.deepEqual(contentOf(720, 1280, { ...LETTERBOX, width: 416, height: 416 }), [91, 0, 234, 416]);
    assert.deepEqual(contentOf(720, 1280, { ...LETTERBOX, resize: 'stretch' }), [0, 0, 64, 64]);
  });

  test('the content lies inside the input, whatever the sizes', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    const side = fc.integer({ min: 16, max: 700 });
    fc.assert(
      fc.property(size, size, side, side, fc.constantFrom('center' as const, 'top-left' as const), (w, h, width, height, anchor) => {
        const [x, y, cw, ch] = contentOf(w, h, { width, height, resize: 'letterbox', anchor });
        assert.ok(x >= 0 && y >= 0 && cw >= 1 && ch >= 1 && x + cw <= width && y + ch <= height);
        assert.ok(cw === width || ch === height);
      }),
    );
  });

  test('a region begins on a whole chroma sample and lies inside the frame, whatever the sizes', () => {
    const size = fc.integer({ min: 1, max: 4000 });
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(size, size, part, part, part, part, (width, height, x, y, w, h) => {
        const crop = cropOf({ width, height }, [x, y, Math.min(w, 1 - x), Math.min(h, 1 - y)]);
        assert.ok(crop.x % 2 === 0 && crop.y % 2 === 0 && crop.width >= 1 && crop.height >= 1);
        assert.ok(crop.x + crop.width <= width && crop.y + crop.height <= height);
      }),
    );
  });
});

/** The same picture with the three values of a pixel together. */
function packed(planes: Buffer): Buffer {
  const pixels = planes.length / 3;
  return Buffer.from(Array.from(planes, (_, i) => planes[(i % 3) * pixels + Math.floor(i / 3)]!));
}

describe('scaling', () => {
  test('to planes gives what it gives to packed pixels, to one level, and the same filling, whatever the sizes', () => {
    const scaler = new InputScaler();
    const side = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 16, max: 100 }), fc.uint8Array({ minLength: 32, maxLength: 32 }), (width, height, inputWidth, samples) => {
        const picture = flatPicture(width, height, 0);
        picture.planes.forEach((plane, p) => plane.forEach((_, i) => (plane[i] = samples[(i * (p + 1)) % samples.length]!)));
        const both = [LETTERBOX, PLANAR].map((geometry) => scaler.scale(frame(1), picture, { ...geometry, width: inputWidth }));
        const [inPixels, inPlanes] = [both[0]!.data, packed(both[1]!.data)];
        const [x, y, w, h] = both[0]!.content;
        inPixels.forEach((value, i) => {
          const [px, py] = [Math.floor(i / 3) % inputWidth, Math.floor(i / 3 / inputWidth)];
          const inside = px >= x && px < x + w && py >= y && py < y + h;
          assert.ok(inside ? Math.abs(inPlanes[i]! - value) <= 1 : inPlanes[i] === 114, `${value} and ${inPlanes[i]} at ${px}, ${py} of ${width}×${height}`);
        });
        both.forEach(({ release }) => release());
      }),
      { numRuns: 60 },
    );
    scaler.close();
  });

  test('fills the content with the picture and the rest with the filling', () => {
    const scaler = new InputScaler();
    const { data, content } = scaler.scale(frame(1), flatPicture(128, 64, 200), LETTERBOX);
    assert.deepEqual(content, [0, 16, 64, 32]);
    assert.deepEqual(pixel(data, 64, 0, 15), [114, 114, 114]);
    assert.deepEqual(pixel(data, 64, 0, 16), [200, 200, 200]);
    assert.deepEqual(pixel(data, 64, 63, 47), [200, 200, 200]);
    assert.deepEqual(pixel(data, 64, 63, 48), [114, 114, 114]);
    scaler.close();
  });

  test('never touches the filling, whatever the size of the frame', () => {
    const scaler = new InputScaler();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (width, height) => {
        const { data, content: [x, y, w, h], release } = scaler.scale(frame(1), flatPicture(width, height, 255), LETTERBOX);
        const wrong = Array.from({ length: 64 * 64 }, (_, i) => ({ px: i % 64, py: Math.floor(i / 64) })).filter(({ px, py }) => {
          const inside = px >= x && px < x + w && py >= y && py < y + h;
          return pixel(data, 64, px, py).some((value) => (inside ? value < 250 : value !== 114));
        });
        release();
        assert.deepEqual(wrong, []);
      }),
      { numRuns: 100 },
    );
    scaler.close();
  });

  test('video range is widened, full range is kept', () => {
    const scaler = new InputScaler();
    const first = (luma: number, range: 'limited' | 'full', seq: number): number => {
      const { data } = scaler.scale(frame(seq), flatPicture(64, 64, luma, range), LETTERBOX);
      return data[0]!;
    };
    assert.ok(first(235, 'limited', 1) >= 254);
    assert.ok(first(16, 'limited', 2) <= 1);
    assert.equal(first(235, 'full', 3), 235);
    scaler.close();
  });

  test('a region shows that part of the frame alone', () => {
    const scaler = new InputScaler();
    const picture = flatPicture(64, 64, 50);
    for (let y = 32; y < 64; y += 1) picture.planes[0].fill(180, y * 64 + 32, y * 64 + 64);
    const { data, crop } = scaler.scale(frame(1), picture, { ...LETTERBOX, region: [0.5, 0.5, 0.5, 0.5] });
    assert.deepEqual(crop, [0.5, 0.5, 0.5, 0.5]);
    assert.deepEqual(new Set(data), new Set([180]));
    scaler.close();
  });

  test('detectors with the same geometry share one scaled picture of a frame', () => {
    const scaler = new InputScaler();
    const id = frame(1);
    const picture = flatPicture(64, 64, 90);
    const first = scaler.scale(id, picture, LETTERBOX);
    const second = scaler.scale(id, picture, LETTERBOX);
    const other = scaler.scale(id, picture, { ...LETTERBOX, pad: 0, resize: 'stretch' });
    assert.equal(first.data, second.data);
    assert.notEqual(first.data, other.data);
    scaler.close();
  });

  test('memory is used again only when nobody reads it any more', () => {
    const scaler = new InputScaler();
    const picture = flatPicture(64, 64, 90);
    const sending = scaler.scale(frame(1), picture, LETTERBOX);
    const shared = scaler.scale(frame(2), picture, LETTERBOX);
    assert.notEqual(shared.data, sending.data);
    sending.release();
    sending.release();
    const next = scaler.scale(frame(3), picture, LETTERBOX);
    assert.equal(next.data, sending.data);
    assert.notEqual(next.data, shared.data);
    scaler.close();
  });
});
