import type { Logger } from 'pino';
import type { AnnotationMessage, Detection } from '../annotation.ts';
import type { Picture } from '../picture.ts';
import type { OverlayOptions } from './options.ts';
import { Painter } from './painter.ts';
import { inkOn, labelColor, rgbOf, toYuv, type Yuv } from './palette.ts';
import { lineHeight, TextMasks, type TextMask } from './text-masks.ts';

/** What the scores on plates are written with; a label is one mask, its score one a character. */
const SCORE_CHARACTERS = [...'0123456789%'];

/** A box in even pixels, inside the frame. */
interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

interface Style {
  /** Thickness of lines in pixels, even. */
  readonly line: number;
  /** Font size in pixels. */
  readonly text: number;
}

/** Draws annotations straight onto the planes of a picture. */
export class Overlay {
  readonly #masks = new TextMasks();
  readonly #logger: Logger;
  #options: OverlayOptions;

  constructor(options: OverlayOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  configure(options: OverlayOptions): void {
    this.#options = options;
  }

  /**
   * Renders labels, and what scores are written with, for pictures of a height. One that was not prepared is missing from the first
   * frames that show it.
   */
  async prepare(labels: readonly string[], height: number): Promise<void> {
    const size = styleFor(height).text;
    for (const text of [...SCORE_CHARACTERS, ...labels]) {
      await this.#masks.prepare(this.#options.names[text] ?? text, size).catch((error: unknown) => {
        this.#logger.warn({ err: error, text }, 'a text could not be rendered');
      });
    }
  }

  /** Draws in one go; boxes that were computed on an earlier frame are dashed. */
  draw(picture: Picture, message: AnnotationMessage): void {
    const painter = new Painter(picture);
    const style = styleFor(picture.height);
    // Large boxes first, so that what is small and in front is not hidden.
    const ordered = message.detections.toSorted((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3]);
    const drawn = ordered.flatMap((detection) => {
      const rect = rectOf(detection, picture);
      return rect === undefined ? [] : [{ detection, rect, color: labelColor(detection.label, this.#options.colors) }];
    });
    if (this.#options.boxes) {
      for (const { detection, rect, color } of drawn) {
        const carried = (message.detectors[detection.detector]?.age ?? 0) > 0;
        drawBox(painter, rect, style, toYuv(rgbOf(color), picture.range), carried);
      }
    }
    if (this.#options.labels) {
      for (const { detection, rect, color } of drawn) this.#drawPlate(painter, picture, rect, style, detection, color);
    }
  }

  #drawPlate(painter: Painter, picture: Picture, rect: Rect, style: Style, detection: Detection, color: string): void {
    const masks = this.#masksOf(detection, style.text);
    if (masks === undefined) return;
    const padding = Math.max(2, Math.round(style.text / 4));
    const gap = Math.round(style.text / 3);
    const inner = masks.reduce((sum, mask, i) => sum + mask.width + (i === 1 ? gap : i > 1 ? 1 : 0), 0);
    const width = even(inner + 2 * padding) + 2;
    const height = even(lineHeight(style.text)) + 2;
    const left = even(Math.max(0, Math.min(rect.left, picture.width - width)));
    const above = rect.top - height;
    const top = even(above >= 0 ? above : Math.min(rect.top, Math.max(0, picture.height - height)));
    const rgb = rgbOf(color);
    painter.fill(left, top, left + width, top + height, toYuv(rgb, picture.range));
    const ink = toYuv(inkOn(rgb), picture.range);
    let x = left + padding;
    masks.forEach((mask, i) => {
      x += i === 1 ? gap : i > 1 ? 1 : 0;
      painter.ink(mask, x, top + 1, ink);
      x += mask.width;
    });
  }

  /** The label's mask and those of its score's characters; undefined while one is missing. */
  #masksOf({ label, score }: Detection, size: number): TextMask[] | undefined {
    const percent = this.#options.scores ? [...`${Math.round(Math.min(1, Math.max(0, score)) * 100)}%`] : [];
    const masks = [this.#options.names[label] ?? label, ...percent].map((text) => this.#masks.get(text, size));
    return masks.every((mask) => mask !== undefined) ? masks : undefined;
  }
}

function styleFor(lines: number): Style {
  return { line: Math.max(2, even(Math.round(lines / 300))), text: Math.min(48, Math.max(11, Math.round(lines / 42))) };
}

/** Thin sides with strong corners; a dark contour on both sides keeps them readable on any picture. */
function drawBox(painter: Painter, rect: Rect, { line }: Style, color: Yuv, dashed: boolean): void {
  const { left, top, right, bottom } = rect;
  painter.shade(left - 1, top - 1, right + 1, top);
  painter.shade(left - 1, bottom, right + 1, bottom + 1);
  painter.shade(left - 1, top, left, bottom);
  painter.shade(right, top, right + 1, bottom);
  const dash = dashed ? 4 * line : Infinity;
  alongX(left, right, dash, (from, to) => {
    painter.fill(from, top, to, Math.min(bottom, top + line), color);
    painter.fill(from, Math.max(top, bottom - line), to, bottom, color);
  });
  alongX(top, bottom, dash, (from, to) => {
    painter.fill(left, from, Math.min(right, left + line), to, color);
    painter.fill(Math.max(left, right - line), from, right, to, color);
  });
  if (dashed) return;
  const arm = even(Math.min(10 * line, Math.round(Math.min(right - left, bottom - top) / 4)));
  const thick = Math.min(2 * line, arm);
  for (const y of [top, bottom - thick]) {
    painter.fill(left, y, left + arm, y + thick, color);
    painter.fill(right - arm, y, right, y + thick, color);
  }
  for (const x of [left, right - thick]) {
    painter.fill(x, top, x + thick, top + arm, color);
    painter.fill(x, bottom - arm, x + thick, bottom, color);
  }
}

/** Calls with the pieces of a line: strokes of some length with gaps as long, or the whole of it. */
function alongX(from: number, to: number, dash: number, stroke: (from: number, to: number) => void): void {
  if (dash === Infinity) return stroke(from, to);
  for (let at = from; at < to; at += 2 * dash) stroke(at, Math.min(to, at + dash));
}

/** Undefined for a box that is outside, empty or no box at all. */
function rectOf({ box }: Detection, { width, height }: Picture): Rect | undefined {
  if (!box.every(Number.isFinite)) return undefined;
  const [x, y, w, h] = box;
  const left = even(Math.max(0, Math.round(x * width)));
  const top = even(Math.max(0, Math.round(y * height)));
  const right = even(Math.min(width + 1, Math.round((x + w) * width) + 1));
  const bottom = even(Math.min(height + 1, Math.round((y + h) * height) + 1));
  return right - left >= 4 && bottom - top >= 4 ? { left, top, right, bottom } : undefined;
}

/** Rounds down to an even number. */
function even(value: number): number {
  return Math.floor(value / 2) * 2;
}
