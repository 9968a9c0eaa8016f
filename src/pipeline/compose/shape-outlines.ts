import type { Point } from '../analytics/geometry.ts';
import type { Line, Zone } from '../analytics/options.ts';
import { shapeColor } from '../analytics/shape-color.ts';

/** How much wider than a zone's border a line is. */
const LINE = 1.75;
/** Length of a line's arrow and of its head, in widths of the line. */
const ARROW = 9;
const ARROW_HEAD = 4;
/** Pixels by which the dark contour beneath is wider. */
const CONTOUR = 2;

/** A zone or line as polygons, in pixels. */
export interface ShapeOutline {
  readonly name: string;
  readonly kind: 'zone' | 'line';
  /** `#rrggbb` */
  readonly color: string;
  /** What a zone encloses; a line has none. */
  readonly area: readonly Point[] | undefined;
  /** Its border or line, dark and wide beneath, and in its colour above. */
  readonly contour: readonly (readonly Point[])[];
  readonly stroke: readonly (readonly Point[])[];
  /** Where its label stands: the middle of the plate's lower edge. */
  readonly label: Point;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** What zones and lines look like on a picture of a size, zones first. @param lineWidth of a zone's border, in pixels */
export function shapeOutlines({ zones, lines }: { zones: readonly Zone[]; lines: readonly Line[] }, size: Size, lineWidth: number): ShapeOutline[] {
  return [
    ...zones.map((zone, i) => zoneOutline(zone, shapeColor(i), size, lineWidth)),
    ...lines.map((line, i) => lineOutline(line, shapeColor(zones.length + i), size, LINE * lineWidth)),
  ];
}

/** A stroke between two points, as a polygon. @param width in pixels */
export function strokeOf(from: Point, to: Point, width: number): Point[] {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [nx, ny] = [(-dy / length) * (width / 2), (dx / length) * (width / 2)];
  // A little longer than the way, so that strokes at a corner leave no notch.
  const [ex, ey] = [(dx / length) * (width / 2), (dy / length) * (width / 2)];
  return [
    [from[0] - ex + nx, from[1] - ey + ny],
    [to[0] + ex + nx, to[1] + ey + ny],
    [to[0] + ex - nx, to[1] + ey - ny],
    [from[0] - ex - nx, from[1] - ey - ny],
  ];
}

function zoneOutline({ name, points }: Zone, color: string, size: Size, lineWidth: number): ShapeOutline {
  const corners = points.map((point) => inPixels(point, size));
  const edges = corners.map((corner, i) => [corner, corners[(i + 1) % corners.length]!] as const);
  return {
    name,
    kind: 'zone',
    color,
    area: corners,
    contour: edges.map(([from, to]) => strokeOf(from, to, lineWidth + CONTOUR)),
    stroke: edges.map(([from, to]) => strokeOf(from, to, lineWidth)),
    label: corners.reduce((a, b) => (b[1] < a[1] ? b : a)),
  };
}

function lineOutline({ name, from, to }: Line, color: string, size: Size, lineWidth: number): ShapeOutline {
  const [start, end] = [inPixels(from, size), inPixels(to, size)];
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(dx, dy) || 1;
  const middle: Point = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
  // To the right of the way from start to end: there is `in`.
  const [nx, ny] = [-dy / length, dx / length];
  const ahead = (far: number, aside = 0): Point => [middle[0] + nx * far * lineWidth + (dx / length) * aside * lineWidth, middle[1] + ny * far * lineWidth + (dy / length) * aside * lineWidth];
  const head = [ahead(ARROW), ahead(ARROW - ARROW_HEAD, ARROW_HEAD * 0.8), ahead(ARROW - ARROW_HEAD, -ARROW_HEAD * 0.8)];
  const strokes = (width: number): Point[][] => [strokeOf(start, end, width), strokeOf(middle, ahead(ARROW - ARROW_HEAD), width)];
  return {
    name,
    kind: 'line',
    color,
    area: undefined,
    contour: strokes(lineWidth + CONTOUR),
    stroke: [...strokes(lineWidth), head],
    label: start[1] <= end[1] ? start : end,
  };
}

function inPixels([x, y]: readonly [number, number], { width, height }: Size): Point {
  return [x * width, y * height];
}
