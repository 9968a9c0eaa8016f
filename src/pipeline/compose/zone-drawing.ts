import type { Point } from '../analytics/geometry.ts';
import type { Line, Zone } from '../analytics/options.ts';
import type { Picture } from '../picture.ts';
import type { Painter, ShapeSpans } from './painter.ts';
import { rgbOf, toYuv, type ColorCoding, type Rgb } from './palette.ts';
import { shapeOutlines, type ShapeOutline } from './shape-outlines.ts';
import { spansOf } from './shape-raster.ts';

/** A zone or line, made ready for pictures of one size. */
export interface DrawnShape extends Pick<ShapeOutline, 'name' | 'kind' | 'label'> {
  readonly color: Rgb;
  readonly area: ShapeSpans | undefined;
  readonly contour: ShapeSpans;
  readonly stroke: ShapeSpans;
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
      this.#shapes = shapeOutlines({ zones: this.#zones, lines: this.#lines }, picture, lineWidth).map(({ color, area, contour, stroke, ...shape }) => ({
        ...shape,
        color: rgbOf(color),
        area: area === undefined ? undefined : spansIn([area], picture),
        contour: spansIn(contour, picture),
        stroke: spansIn(stroke, picture),
      }));
    }
    return this.#shapes;
  }
}

function spansIn(polygons: readonly (readonly Point[])[], { width, height }: Pick<Picture, 'width' | 'height'>): ShapeSpans {
  const chroma = { width: (width + 1) >> 1, height: (height + 1) >> 1 };
  return {
    luma: polygons.map((polygon) => spansOf(polygon, 1, { width, height })),
    chroma: polygons.map((polygon) => spansOf(polygon, 0.5, chroma)),
  };
}
