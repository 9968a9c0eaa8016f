/** A place: as fractions of the frame, or in any unit that is the same in both directions. */
export type Point = readonly [x: number, y: number];

/**
 * On which side of a line a point lies, times the line's length times its distance: above zero to the right of somebody who walks
 * from `from` to `to` (as it looks on a picture, whose y grows downwards), below zero to the left, zero on the line.
 */
export function turn(from: Point, to: Point, point: Point): number {
  return (to[0] - from[0]) * (point[1] - from[1]) - (to[1] - from[1]) * (point[0] - from[0]);
}

/** Distance of a point from a stretch between two points. */
export function distanceToSegment(from: Point, to: Point, point: Point): number {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((point[0] - from[0]) * dx + (point[1] - from[1]) * dy) / length));
  return Math.hypot(point[0] - from[0] - along * dx, point[1] - from[1] - along * dy);
}

/** Whether a point lies in a polygon, by the even-odd rule; its edges and corners belong to it. */
export function isInside(polygon: readonly Point[], point: Point): boolean {
  let inside = false;
  for (const [from, to] of edges(polygon)) {
    if (isOn(from, to, point)) return true;
    // Half-open, so that a corner between two edges is counted once.
    if (from[1] > point[1] !== to[1] > point[1] && point[0] < ((to[0] - from[0]) * (point[1] - from[1])) / (to[1] - from[1]) + from[0]) inside = !inside;
  }
  return inside;
}

/** How far inside of a polygon a point lies: the distance from its border, negative outside. */
export function depthIn(polygon: readonly Point[], point: Point): number {
  const distance = Math.min(...edges(polygon).map(([from, to]) => distanceToSegment(from, to, point)));
  return isInside(polygon, point) ? distance : -distance;
}

/** Whether two stretches share a point; touching ends do. */
export function segmentsMeet(a: readonly [Point, Point], b: readonly [Point, Point]): boolean {
  const [a0, a1, b0, b1] = [Math.sign(turn(...b, a[0])), Math.sign(turn(...b, a[1])), Math.sign(turn(...a, b[0])), Math.sign(turn(...a, b[1]))];
  if (a0 * a1 < 0 && b0 * b1 < 0) return true;
  return isOn(...b, a[0]) || isOn(...b, a[1]) || isOn(...a, b[0]) || isOn(...a, b[1]);
}

/** Whether edges of a polygon meet elsewhere than at the corner that neighbours share. */
export function meetsItself(polygon: readonly Point[]): boolean {
  const all = edges(polygon);
  return all.some((one, i) =>
    all.some((other, j) => {
      if (j <= i) return false;
      if (j === i + 1) return isOn(...one, other[1]) || isOn(...other, one[0]);
      if (i === 0 && j === all.length - 1) return isOn(...one, other[0]) || isOn(...other, one[1]);
      return segmentsMeet(one, other);
    }),
  );
}

/** Twice the area of a polygon; its sign says which way round its corners go. */
export function doubleArea(polygon: readonly Point[]): number {
  return edges(polygon).reduce((sum, [from, to]) => sum + from[0] * to[1] - to[0] * from[1], 0);
}

/** Corner to corner, and from the last back to the first. */
export function edges(polygon: readonly Point[]): [Point, Point][] {
  return polygon.map((corner, i) => [corner, polygon[(i + 1) % polygon.length]!]);
}

function isOn(from: Point, to: Point, point: Point): boolean {
  if (turn(from, to, point) !== 0) return false;
  const [x, y] = point;
  return x >= Math.min(from[0], to[0]) && x <= Math.max(from[0], to[0]) && y >= Math.min(from[1], to[1]) && y <= Math.max(from[1], to[1]);
}
