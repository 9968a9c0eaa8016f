import type { Point } from '../analytics/geometry.ts';

/** Rows of samples that a shape covers: `[row, first, end, row, first, end, …]`, end excluded. */
export type Spans = Int32Array;

/**
 * The samples whose centres lie in a polygon (even-odd rule).
 *
 * @param polygon corners in pixels
 * @param scale samples a pixel: 1 for luma, ½ for chroma
 * @param size of the plane, in samples
 */
export function spansOf(polygon: readonly Point[], scale: number, size: { width: number; height: number }): Spans {
  const corners = polygon.map(([x, y]) => [x * scale, y * scale] as const);
  const ys = corners.map(([, y]) => y);
  const spans: number[] = [];
  const last = Math.min(size.height - 1, Math.floor(Math.max(...ys)));
  for (let row = Math.max(0, Math.floor(Math.min(...ys))); row <= last; row++) {
    const crossings = crossingsOf(corners, row + 0.5);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const [first, end] = [Math.max(0, Math.ceil(crossings[i]! - 0.5)), Math.min(size.width, Math.ceil(crossings[i + 1]! - 0.5))];
      if (first < end) spans.push(row, first, end);
    }
  }
  return Int32Array.from(spans);
}

function crossingsOf(corners: readonly (readonly [number, number])[], y: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < corners.length; i++) {
    const [[x0, y0], [x1, y1]] = [corners[i]!, corners[(i + 1) % corners.length]!];
    if (y0 > y !== y1 > y) found.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
  }
  return found.sort((a, b) => a - b);
}
