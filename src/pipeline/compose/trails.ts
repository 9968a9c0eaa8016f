import type { AnnotationMessage } from '../annotation.ts';
import type { Picture } from '../picture.ts';
import type { Painter } from './painter.ts';
import type { Yuv } from './palette.ts';
import { even } from './rect.ts';

/** How long a way is shown, ms. */
const LENGTH_MS = 3000;
/** Least time between two points of a way: jitter is not drawn. */
const STEP_MS = 66;
/** How much of the way to where a thing stands now a new point goes: boxes breathe as people walk. */
const NEW = 0.7;
/** Ways kept; who has the most things in a picture is a hostile model. */
const MAX_WAYS = 500;

interface Point {
  /** Fractions of the frame: the middle of a box's lower edge, where a thing stands. */
  readonly x: number;
  readonly y: number;
  /** Of its frame, ms. */
  readonly at: number;
}

interface Way {
  readonly label: string;
  readonly points: Point[];
}

/** The ways that tracked things came. */
export class Trails {
  readonly #ways = new Map<number, Way>();

  /** Takes every frame in its order, drawn or not. */
  take({ capturedAt, detections }: AnnotationMessage): void {
    for (const { track, label, box } of detections) {
      if (track === undefined) continue;
      const way = this.#ways.get(track) ?? { label, points: [] };
      const last = way.points.at(-1);
      const [x, y] = [box[0] + box[2] / 2, box[1] + box[3]];
      if (last === undefined) way.points.push({ x, y, at: capturedAt });
      else if (capturedAt - last.at >= STEP_MS) way.points.push({ x: last.x + (x - last.x) * NEW, y: last.y + (y - last.y) * NEW, at: capturedAt });
      this.#ways.set(track, way);
    }
    for (const [track, { points }] of this.#ways) {
      while (points[0] !== undefined && (capturedAt - points[0].at > LENGTH_MS || points[0].at > capturedAt)) points.shift();
      if (points.length === 0 || this.#ways.size > MAX_WAYS) this.#ways.delete(track);
    }
  }

  /**
   * Draws them, thinner where they are older.
   * @param line width in pixels, even
   */
  draw(painter: Painter, { width, height }: Picture, now: number, line: number, colorOf: (label: string) => Yuv): void {
    for (const { label, points } of this.#ways.values()) {
      const color = colorOf(label);
      for (let i = 1; i < points.length; i++) {
        const [from, to] = [points[i - 1]!, points[i]!];
        const young = 1 - (now - to.at) / LENGTH_MS;
        stroke(painter, [from.x * width, from.y * height], [to.x * width, to.y * height], young > 0.5 ? line : Math.max(2, even(line / 2)), color);
      }
    }
  }

  clear(): void {
    this.#ways.clear();
  }
}

/** A line of squares on even pixels. */
function stroke(painter: Painter, [x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number], thick: number, color: Yuv): void {
  const steps = Math.min(1000, Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0)) / 2)));
  for (let step = 0; step < steps; step++) {
    const [x, y] = [even(x0 + ((x1 - x0) * step) / steps - thick / 2), even(y0 + ((y1 - y0) * step) / steps - thick / 2)];
    painter.fill(x, y, x + thick, y + thick, color);
  }
}
