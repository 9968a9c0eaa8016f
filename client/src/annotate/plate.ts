import { drawContour } from '../../../src/pipeline/compose/box-drawing.ts';
import { inkOn, rgbOf } from '../../../src/pipeline/compose/palette.ts';
import { even, type Rect } from '../../../src/pipeline/compose/rect.ts';
import { textSize } from '../../../src/pipeline/compose/sizes.ts';
import { CanvasPainter } from './canvas-painter.ts';
import type { Area } from './picture-area.ts';

const FONT = 'system-ui, sans-serif';

/** Draws plates of one colour with a text, in device pixels of the picture's area. */
export class PlateWriter {
  readonly #context: CanvasRenderingContext2D;
  readonly #area: Area;
  readonly #painter: CanvasPainter;
  readonly #size: number;

  /** @param ratio device pixels of a CSS pixel */
  constructor(context: CanvasRenderingContext2D, area: Area, ratio: number) {
    this.#context = context;
    this.#area = area;
    this.#painter = new CanvasPainter(context, area);
    this.#size = textSize(area.height, ratio);
    context.font = `600 ${this.#size}px ${FONT}`;
    context.textBaseline = 'middle';
  }

  /** Between a plate and what it belongs to, where it stands free. */
  get gap(): number {
    return Math.round(this.#size / 3);
  }

  /** Pixels that a plate with this text takes, even. */
  sizeOf(text: string): { width: number; height: number } {
    return { width: even(this.#context.measureText(text).width + 2 * this.#padding + 1), height: even(this.#size * 1.4 + 1) };
  }

  /** @param color `#rrggbb` */
  write(text: string, plate: Rect, color: string): void {
    drawContour(this.#painter, plate);
    this.#painter.fill(plate.left, plate.top, plate.right, plate.bottom, color);
    this.#context.fillStyle = `rgb(${inkOn(rgbOf(color)).join(' ')})`;
    this.#context.fillText(text, this.#area.x + plate.left + this.#padding, this.#area.y + (plate.top + plate.bottom) / 2 + 1);
  }

  get #padding(): number {
    return Math.max(3, Math.round(this.#size / 3.5));
  }
}
