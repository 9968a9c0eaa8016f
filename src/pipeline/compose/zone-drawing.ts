import type { Point } from '../analytics/geometry.ts';
import type { Line, Zone } from '../analytics/options.ts';
import { shapeColor } from '../analytics/shape-color.ts';
import type { Picture } from '../picture.ts';
import type { Painter, ShapeSpans } from './painter.ts';
import { rgbOf, toYuv, type ColorCoding, type Rgb } from './palette.ts';
import { spansOf, strokeOf } from './shape-raster.ts';

/** How much wider than a zone's border a line is. */
const LINE = 1.75;
/** Length of a line's arrow and of its head, in widths of the line. */
const ARROW = 9;
const ARROW_HEAD = 4;

/** A zone or line, made ready for pictures of one size. */
export interface DrawnShape {
  readonly name: string;
  readonly kind: 'zone' | 'line';
  readonly color: Rgb;
  readonly area: ShapeSpans | undefined;
  /** Its border or line, dark and wide beneath, and in its colour above. */
  readonly contour: ShapeSpans;
  readonly stroke: ShapeSpans;
  /** Where its label stands: the middle of the plate's lower edge, in pixels. */
  readonly label: Point;
}

/** Zones and lines of one stream, drawn upon pictures of any size; what each size needs is worked out once. */
export class ZoneDrawing {
  #zones: readonly Zone[] = [];
  #lines: readonly Line[] = [];
  #shapes: readonly DrawnShape[] = [];
  #size = '';

  get names(): string[] {
    return [...this.#zones, ...this.#lines].map(({ name }) => name);
  }

  configure({ zones, lines }: { zones: readonly Zone[]; lines: readonly Line[] }): void {
    this.#zones = zones;
    this.#lines = lines;
    this.#size = '';
  }

  /** Draws areas, borders, lines and arrows. @returns what was drawn, for its labels */
  draw(painter: Painter, picture: Picture, coding: ColorCoding, lineWidth: number): readonly DrawnShape[] {
    if (this.#zones.length + this.#lines.length === 0) return [];
    const shapes = this.#prepared(picture, lineWidth);
    for (const { area, color } of shapes) if (area !== undefined) painter.tint(area, toYuv(color, coding));
    for (const { contour, stroke, color } of shapes) {
      painter.shadeSpans(contour);
      painter.fillSpans(stroke, toYuv(color, coding));
    }
    return shapes;
  }

  #prepared(picture: Picture, lineWidth: number): readonly DrawnShape[] {
    const size = `${picture.width}×${picture.height}×${lineWidth}`;
    if (size !== this.#size) {
      this.#size = size;
      this.#shapes = [
        ...this.#zones.map((zone, i) => drawnZone(zone, shapeColor(i), picture, lineWidth)),
        ...this.#lines.map((line, i) => drawnLine(line, shapeColor(this.#zones.length + i), picture, LINE * lineWidth)),
      ];
    }
    return this.#shapes;
  }
}

type Size = Pick<Picture, 'width' | 'height'>;

function drawnZone({ name, points }: Zone, color: string, size: Size, lineWidth: number): DrawnShape {
  const corners = points.map((point) => inPixels(point, size));
  const edges = corners.map((corner, i) => [corner, corners[(i + 1) % corners.length]!] as const);
  const highest = corners.reduce((a, b) => (b[1] < a[1] ? b : a));
  return {
    name,
    kind: 'zone',
    color: rgbOf(color),
    area: spansIn([corners], size),
    contour: spansIn(edges.map(([from, to]) => strokeOf(from, to, lineWidth + 2)), size),
    stroke: spansIn(edges.map(([from, to]) => strokeOf(from, to, lineWidth)), size),
    label: highest,
  };
}

function drawnLine({ name, from, to }: Line, color: string, size: Size, lineWidth: number): DrawnShape {
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
    color: rgbOf(color),
    area: undefined,
    contour: spansIn(strokes(lineWidth + 2), size),
    stroke: spansIn([...strokes(lineWidth), head], size),
    label: start[1] <= end[1] ? start : end,
  };
}

function spansIn(polygons: readonly (readonly Point[])[], { width, height }: Size): ShapeSpans {
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return {
    luma: polygons.map((polygon) => spansOf(polygon, 1, { width, height })),
    chroma: polygons.map((polygon) => spansOf(polygon, 0.5, chroma)),
  };
}

function inPixels([x, y]: readonly [number, number], { width, height }: Size): Point {
  return [x * width, y * height];
}
