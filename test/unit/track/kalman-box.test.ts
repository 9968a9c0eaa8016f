import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Box } from '../../../src/pipeline/annotation.ts';
import { KalmanBox } from '../../../src/pipeline/track/kalman-box.ts';

type Matrix = [[number, number], [number, number]];

/** The filter of one coordinate in matrices, as textbooks have it: F = [[1, dt], [0, 1]], H = [1, 0]. */
class Textbook {
  x: [number, number];
  p: Matrix;

  constructor(position: number, height: number) {
    this.x = [position, 0];
    this.p = [[(height / 10) ** 2, 0], [0, (height / 16) ** 2]];
  }

  update(measured: number, height: number, dt: number): void {
    const f: Matrix = [[1, dt], [0, 1]];
    const predicted = product(product(f, this.p), [[1, 0], [dt, 1]]);
    predicted[0][0] += dt * (height / 20) ** 2;
    predicted[1][1] += dt * (height / 160) ** 2;
    const x = [this.x[0] + dt * this.x[1], this.x[1]] as const;
    const innovation = predicted[0][0] + (height / 20) ** 2;
    const gain = [predicted[0][0] / innovation, predicted[1][0] / innovation] as const;
    this.x = [x[0] + gain[0] * (measured - x[0]), x[1] + gain[1] * (measured - x[0])];
    this.p = product([[1 - gain[0], 0], [-gain[1], 1]], predicted);
  }
}

function product(a: Matrix, b: Matrix): Matrix {
  const cell = (row: 0 | 1, column: 0 | 1): number => a[row][0] * b[0][column] + a[row][1] * b[1][column];
  return [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]];
}

const size = fc.double({ min: 0.01, max: 0.5, noNaN: true });
const place = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc.tuple(place, place, size, size) as fc.Arbitrary<Box>;
const measured = fc.tuple(box, fc.double({ min: 0, max: 200, noNaN: true }));

test('a box moves as four textbook filters of constant velocity say', () => {
  fc.assert(
    fc.property(box, fc.array(measured, { maxLength: 12 }), fc.double({ min: 0, max: 100, noNaN: true }), (first, later, aheadMs) => {
      const motion = new KalmanBox(first, 0);
      const axes = centred(first).map((position) => new Textbook(position, first[3]));
      let at = 0;
      for (const [next, afterMs] of later) {
        motion.update(next, (at += afterMs));
        axes.forEach((axis, i) => axis.update(centred(next)[i]!, next[3], afterMs / (1000 / 30)));
      }
      const dt = aheadMs / (1000 / 30);
      const [cx, cy, width, height] = axes.map(({ x }) => x[0] + dt * x[1]) as [number, number, number, number];
      const [w, h] = [limited(width, axes[2]!.x[0]), limited(height, axes[3]!.x[0])];
      motion.boxAt(at + aheadMs).forEach((value, i) => assert.ok(Math.abs(value - [cx - w / 2, cy - h / 2, w, h][i]!) < 1e-6));
    }),
  );
});

/** Twice and half of the size at most. */
function limited(size: number, now: number): number {
  return Math.min(2 * now, Math.max(now / 2, size));
}

function centred([x, y, width, height]: Box): number[] {
  return [x + width / 2, y + height / 2, width, height];
}
