import type { Tally } from '../../../src/pipeline/analytics/events.ts';
import type { Point } from '../../../src/pipeline/analytics/geometry.ts';
import type { Line, Zone } from '../../../src/pipeline/analytics/options.ts';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { even, type Rect } from '../../../src/pipeline/compose/rect.ts';
import { shapeOutlines, type ShapeOutline } from '../../../src/pipeline/compose/shape-outlines.ts';
import { CONTOUR } from './canvas-painter.ts';
import type { Area } from './picture-area.ts';
import type { PlateWriter } from './plate.ts';

/** What is watched in a stream's picture: `zones` and `lines` of its settings. */
export interface Scene {
  readonly zones: readonly Zone[];
  readonly lines: readonly Line[];
}

export const EMPTY_SCENE: Scene = { zones: [], lines: [] };

/** What a line's two counts are called. */
export interface LineWords {
  readonly into: string;
  readonly out: string;
}

/** Opacity of what a zone encloses. */
const TINT = 0.22;

/** Draws areas, borders, lines and arrows. @returns what was drawn, for its labels */
export function drawShapes(context: CanvasRenderingContext2D, area: Area, scene: Scene, lineWidth: number): readonly ShapeOutline[] {
  const shapes = shapeOutlines(scene, area, lineWidth);
  if (shapes.length === 0) return shapes;
  context.save();
  context.beginPath();
  context.rect(area.x, area.y, area.width, area.height);
  context.clip();
  context.translate(area.x, area.y);
  context.globalAlpha = TINT;
  for (const { area: inside, color } of shapes) if (inside !== undefined) fill(context, [inside], color);
  context.globalAlpha = 1;
  for (const { contour, stroke, color } of shapes) {
    // All in one, so that nothing is darkened twice where strokes meet.
    fill(context, contour, CONTOUR);
    for (const polygon of stroke) fill(context, [polygon], color);
  }
  context.restore();
  return shapes;
}

/**
 * Writes names and counts beside zones and lines.
 * @param message of the frame; undefined where nothing is known of it: names alone are written
 * @returns where the plates stand
 */
export function drawShapeLabels(writer: PlateWriter, shapes: readonly ShapeOutline[], area: Area, message: AnnotationMessage | undefined, words: LineWords): Rect[] {
  return shapes.map((shape) => {
    const text = shapeText(shape, message, words);
    const { width, height } = writer.sizeOf(text);
    const left = even(Math.min(Math.max(0, shape.label[0] - width / 2), Math.max(0, area.width - width)));
    const top = even(Math.min(Math.max(0, shape.label[1] - height - writer.gap), Math.max(0, area.height - height)));
    const plate: Rect = { left, top, right: left + width, bottom: top + height };
    writer.write(text, plate, shape.color);
    return plate;
  });
}

/** What stands beside a zone or line. */
export function shapeText({ kind, name }: Pick<ShapeOutline, 'kind' | 'name'>, message: AnnotationMessage | undefined, { into, out }: LineWords): string {
  if (kind === 'zone') {
    const zone = message?.zones?.[name];
    return zone === undefined ? name : `${name} ${sum(zone.counts)}`;
  }
  const line = message?.lines?.[name];
  return line === undefined ? name : `${name} ${into} ${sum(line.in)} ${out} ${sum(line.out)}`;
}

function fill(context: CanvasRenderingContext2D, polygons: readonly (readonly Point[])[], color: string): void {
  context.fillStyle = color;
  context.beginPath();
  for (const polygon of polygons) {
    for (const [i, [x, y]] of polygon.entries()) {
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.closePath();
  }
  context.fill();
}

function sum(tally: Tally): number {
  return Object.values(tally).reduce((total, count) => total + count, 0);
}
