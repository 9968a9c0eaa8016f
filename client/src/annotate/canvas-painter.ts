import type { BoxPainter } from '../../../src/pipeline/compose/box-drawing.ts';
import type { Area } from './picture-area.ts';

/** As dark as the server's contour. */
export const CONTOUR = 'rgb(0 0 0 / 0.65)';

/** Draws on a canvas what the server's painter draws on planes. Coordinates are device pixels of the picture's area. */
export class CanvasPainter implements BoxPainter<string> {
  readonly #context: CanvasRenderingContext2D;
  readonly #area: Area;

  constructor(context: CanvasRenderingContext2D, area: Area) {
    this.#context = context;
    this.#area = area;
  }

  fill(left: number, top: number, right: number, bottom: number, color: string): void {
    this.#rect(left, top, right, bottom, color);
  }

  shade(left: number, top: number, right: number, bottom: number): void {
    this.#rect(left, top, right, bottom, CONTOUR);
  }

  #rect(left: number, top: number, right: number, bottom: number, color: string): void {
    const { x, y, width, height } = this.#area;
    const [x0, y0, x1, y1] = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
    if (x0 >= x1 || y0 >= y1) return;
    this.#context.fillStyle = color;
    this.#context.fillRect(x + x0, y + y0, x1 - x0, y1 - y0);
  }
}
