import type { AnnotationMessage } from '../annotation.ts';
import type { Picture } from '../picture.ts';
import { rgbOf, toYuv, type ColorCoding, type Yuv } from './palette.ts';

/** Side of a cell in chroma samples; a sample covers two by two pixels. */
const CELL = 8;
/** Time after which a visit counts for a third, ms. */
const FADING_MS = 30_000;
/** How much of a visit falls on the cells around; they sum up to one. */
const SPREAD = [0.0625, 0.125, 0.0625, 0.125, 0.25, 0.125, 0.0625, 0.125, 0.0625];
/** Shares of the greatest heat are shown by their square root, so that one who stands does not outshine all who walk. Less than this is not shown. */
const LEAST = 0.15;
/** Share that the colour takes where it is hottest. */
const STRENGTH = 0.75;
/** From cool to hot. */
const COLORS = ['#3b82f6', '#22d3ee', '#a3e635', '#fbbf24', '#ef4444'].map(rgbOf);

/** Where things stood most lately, as colour over the picture. Costs up to a millisecond a picture of 1280×720. */
export class HeatMap {
  #columns = 0;
  #rows = 0;
  #cells = new Float32Array(0);
  #lastAt = 0;

  /** Takes every frame in its order. @param size of the picture in pixels */
  take({ capturedAt, detections }: AnnotationMessage, { width, height }: { width: number; height: number }): void {
    const [columns, rows] = [Math.ceil(((width + 1) >> 1) / CELL), Math.ceil(((height + 1) >> 1) / CELL)];
    if (columns !== this.#columns || rows !== this.#rows) {
      [this.#columns, this.#rows, this.#cells] = [columns, rows, new Float32Array(columns * rows)];
    }
    const passed = Math.max(0, capturedAt - this.#lastAt);
    this.#lastAt = capturedAt;
    const kept = Math.exp(-passed / FADING_MS);
    for (let i = 0; i < this.#cells.length; i++) this.#cells[i]! *= kept;
    for (const { box } of detections) this.#visit(box[0] + box[2] / 2, box[1] + box[3]);
  }

  /** Tints the picture's chroma: what is in it stays visible. */
  draw({ planes, strides, width, height }: Picture, coding: ColorCoding): void {
    const top = this.#cells.reduce((most, heat) => Math.max(most, heat), 0);
    if (top <= 0) return;
    const colors = COLORS.map((color) => toYuv(color, coding));
    const [samplesWide, samplesHigh] = [(width + 1) >> 1, (height + 1) >> 1];
    for (let row = 0; row < this.#rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        const corners = [this.#at(column, row), this.#at(column + 1, row), this.#at(column, row + 1), this.#at(column + 1, row + 1)].map((heat) => Math.sqrt(heat / top));
        if (Math.max(...corners) < LEAST) continue;
        const area = { left: column * CELL + CELL / 2, top: row * CELL + CELL / 2 };
        tint(planes[1], planes[2], strides[1], strides[2], area, corners, colors, samplesWide, samplesHigh);
      }
    }
  }

  clear(): void {
    this.#cells.fill(0);
  }

  #at(column: number, row: number): number {
    return column < this.#columns && row < this.#rows ? this.#cells[row * this.#columns + column]! : 0;
  }

  #visit(x: number, y: number): void {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return;
    const [column, row] = [Math.floor(Math.min(0.999, Math.max(0, x)) * this.#columns), Math.floor(Math.min(0.999, Math.max(0, y)) * this.#rows)];
    for (let i = 0; i < SPREAD.length; i++) {
      const [c, r] = [column + (i % 3) - 1, row + Math.floor(i / 3) - 1];
      if (c >= 0 && r >= 0 && c < this.#columns && r < this.#rows) this.#cells[r * this.#columns + c]! += SPREAD[i]!;
    }
  }
}

/** The area between the middles of four cells, whose heat goes over into each other. */
function tint(
  u: Buffer,
  v: Buffer,
  strideU: number,
  strideV: number,
  area: { left: number; top: number },
  [a = 0, b = 0, c = 0, d = 0]: readonly number[],
  colors: readonly Yuv[],
  wide: number,
  high: number,
): void {
  for (let dy = 0; dy < CELL && area.top + dy < high; dy++) {
    const down = (dy + 0.5) / CELL;
    const [left, right] = [a + (c - a) * down, b + (d - b) * down];
    for (let dx = 0; dx < CELL && area.left + dx < wide; dx++) {
      const heat = left + (right - left) * ((dx + 0.5) / CELL);
      if (heat < LEAST) continue;
      const place = Math.min(0.999, heat) * (colors.length - 1);
      const color = colors[Math.round(place)]!;
      const share = STRENGTH * Math.min(1, heat * 2);
      const [atU, atV] = [(area.top + dy) * strideU + area.left + dx, (area.top + dy) * strideV + area.left + dx];
      u[atU] = u[atU]! + (color.u - u[atU]!) * share;
      v[atV] = v[atV]! + (color.v - v[atV]!) * share;
    }
  }
}
