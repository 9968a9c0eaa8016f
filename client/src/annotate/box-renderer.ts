import type { AnnotationMessage, Detection } from '../../../src/pipeline/annotation.ts';
import { drawBox } from '../../../src/pipeline/compose/box-drawing.ts';
import { labelColor } from '../../../src/pipeline/compose/palette.ts';
import { placePlate } from '../../../src/pipeline/compose/plate-place.ts';
import { rectOf, type Rect } from '../../../src/pipeline/compose/rect.ts';
import { lineWidth } from '../../../src/pipeline/compose/sizes.ts';
import { ageOf } from '../../../src/pipeline/detections.ts';
import { chosen, type BoxChoices } from './box-choices.ts';
import { CanvasPainter } from './canvas-painter.ts';
import type { Match } from './frame-matcher.ts';
import type { Area } from './picture-area.ts';
import { PlateWriter } from './plate.ts';
import type { TrailPoint } from './trails.ts';
import { drawShapeLabels, drawShapes, type LineWords, type Scene } from './zone-renderer.ts';

/** What the stream says of its boxes: `overlay` of its settings. */
export interface BoxLook {
  /** Four sides, or corners alone. */
  readonly style?: 'box' | 'corners';
  readonly scores: boolean;
  /** Whether zones and lines are shown at all. */
  readonly zones?: boolean;
  /** Texts to show instead of labels. */
  readonly names: Readonly<Record<string, string>>;
  /** `#rrggbb` by label. */
  readonly colors: Readonly<Record<string, string>>;
}

export const USUAL_LOOK: BoxLook = { scores: true, names: {}, colors: {} };

/** A box as it stands on the picture. */
export interface DrawnBox {
  readonly detection: Detection;
  /** Device pixels of the picture's area. */
  readonly rect: Rect;
  /** `#rrggbb` */
  readonly color: string;
  /** Frames since the one that it was computed on. */
  readonly age: number;
}

export interface Drawing {
  readonly match: Match;
  readonly choices: BoxChoices;
  readonly look: BoxLook;
  readonly scene: Scene;
  readonly words: LineWords;
  readonly trails: ReadonlyMap<number, readonly TrailPoint[]>;
  readonly area: Area;
  /** Device pixels of a CSS pixel. */
  readonly ratio: number;
  /** Whether somebody points at it, or has chosen it. */
  readonly selected: (detection: Detection) => boolean;
}

/** Opacity of boxes that are not of this very frame. */
const AGED = 0.6;

/** Draws what belongs to a frame, as the server would draw it into the picture. @returns the boxes that were drawn, the largest first */
export function drawFrame(context: CanvasRenderingContext2D, drawing: Drawing): readonly DrawnBox[] {
  const { match: { message }, area, choices, look, trails } = drawing;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  // A slate is no picture of the place that zones belong to.
  if (message?.slate === true) return [];
  const line = lineWidth(area.height);
  const shapes = choices.withoutZones || look.zones === false ? [] : drawShapes(context, area, drawing.scene, line);
  const boxes = message === undefined ? [] : boxesOf(message, drawing);
  const painter = new CanvasPainter(context, area);
  if (choices.trails) for (const { detection, color } of boxes) drawTrail(context, area, trails.get(detection.track ?? -1) ?? [], color, line);
  for (const box of boxes) {
    context.globalAlpha = box.age > 0 ? AGED : 1;
    drawBox(painter, box.rect, drawing.selected(box.detection) ? 2 * line : line, box.color, { carried: box.age > 0, style: look.style ?? 'box' });
  }
  context.globalAlpha = 1;
  const writer = new PlateWriter(context, area, drawing.ratio);
  const plates = drawShapeLabels(writer, shapes, area, message, drawing.words);
  if (!choices.unlabelled) {
    // The longest known choose their places first: sizes change places with every frame, and plates would with them.
    for (const box of boxes.toSorted((a, b) => (a.detection.track ?? Infinity) - (b.detection.track ?? Infinity) || 0)) {
      context.globalAlpha = box.age > 0 ? AGED : 1;
      plates.push(drawPlate(writer, drawing, look, box, plates));
    }
  }
  context.globalAlpha = 1;
  return boxes;
}

function boxesOf(message: AnnotationMessage, { area, choices, look }: Drawing): DrawnBox[] {
  const ordered = chosen(message, choices).sort((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3]);
  return ordered.flatMap((detection) => {
    const rect = rectOf(detection.box, area);
    const age = ageOf(detection, message);
    return rect === undefined ? [] : [{ detection, rect, age, color: labelColor(detection.label, look.colors) }];
  });
}

function drawPlate(writer: PlateWriter, { area }: Drawing, look: BoxLook, box: DrawnBox, others: readonly Rect[]): Rect {
  const { detection, rect, color, age } = box;
  const text = [nameOf(detection.label, look), look.scores ? `${Math.round(detection.score * 100)} %` : '', age > 0 ? `−${age}` : ''].filter((part) => part !== '').join(' ');
  const plate = placePlate(rect, writer.sizeOf(text), area, others);
  writer.write(text, plate, color);
  return plate;
}

function drawTrail(context: CanvasRenderingContext2D, { x, y, width, height }: Area, points: readonly TrailPoint[], color: string, line: number): void {
  context.strokeStyle = color;
  context.lineWidth = line;
  context.lineCap = 'round';
  for (let i = 1; i < points.length; i++) {
    const [[fromX, fromY], [toX, toY]] = [points[i - 1]!, points[i]!];
    context.globalAlpha = 0.9 * (i / points.length);
    context.beginPath();
    context.moveTo(x + fromX * width, y + fromY * height);
    context.lineTo(x + toX * width, y + toY * height);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** What is shown instead of a label. */
export function nameOf(label: string, { names }: BoxLook): string {
  // Labels come out of models: one called `constructor` must not find what every object has.
  return Object.hasOwn(names, label) ? names[label]! : label;
}

/** The box at a point, the smallest where several are; device pixels of the surface. */
export function boxAt(boxes: readonly DrawnBox[], area: Area, x: number, y: number): DrawnBox | undefined {
  const [px, py] = [x - area.x, y - area.y];
  // They are ordered by their size.
  return boxes.findLast(({ rect }) => px >= rect.left && px < rect.right && py >= rect.top && py < rect.bottom);
}
