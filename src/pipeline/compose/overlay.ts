import type { Logger } from 'pino';
import type { Line, Zone } from '../analytics/options.ts';
import type { AnnotationMessage, Detection } from '../annotation.ts';
import type { Picture } from '../picture.ts';
import { drawBox, drawContour } from './box-drawing.ts';
import type { OverlayOptions } from './options.ts';
import { codingOf, Painter } from './painter.ts';
import { inkOn, labelColor, rgbOf, toYuv, type ColorCoding, type Rgb } from './palette.ts';
import { placePlate } from './plate-place.ts';
import { even, rectOf, type Rect } from './rect.ts';
import { lineWidth, textSize } from './sizes.ts';
import { lineHeight, type TextMask } from './text-mask.ts';
import { TextMasks } from './text-masks.ts';
import { ZoneDrawing, type DrawnShape } from './zone-drawing.ts';
import { drawZoneLabels, zoneTexts } from './zone-labels.ts';

/** Labels that are rendered before they are seen; further ones are rendered when they are. */
const PREPARED = 100;

interface Drawn {
  readonly detection: Detection;
  readonly rect: Rect;
  readonly color: Rgb;
}

/** Draws annotations straight onto the planes of a picture. */
export class Overlay {
  readonly #masks: TextMasks;
  readonly #zones = new ZoneDrawing();
  #options: OverlayOptions;

  constructor(options: OverlayOptions, logger: Logger) {
    this.#options = options;
    this.#masks = new TextMasks(logger);
  }

  configure(options: OverlayOptions): void {
    this.#options = options;
  }

  /** Draws these zones and lines from now on. */
  configureScene(scene: { zones: readonly Zone[]; lines: readonly Line[] }): void {
    this.#zones.configure(scene);
  }

  /**
   * Renders labels, and what scores are written with, for pictures of a height. One that was not prepared is missing from the first
   * frames that show it.
   */
  async prepare(labels: readonly string[], height: number): Promise<void> {
    const size = textSize(height);
    await this.#masks.prepareScores(size);
    for (const text of zoneTexts(this.#zones.names, this.#options.language)) await this.#masks.prepare(text, size);
    for (const label of labels.slice(0, PREPARED)) await this.#masks.prepare(this.#textOf(label), size);
  }

  /** Draws in one go; boxes that were computed on an earlier frame are dashed. */
  draw(picture: Picture, message: AnnotationMessage): void {
    const painter = new Painter(picture);
    const coding = codingOf(picture);
    const shapes = this.#options.zones ? this.#zones.draw(painter, picture, coding, lineWidth(picture.height)) : [];
    // Large boxes first, so that what is small and in front is not hidden.
    const ordered = message.detections.toSorted((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3]);
    const drawn = ordered.flatMap((detection): Drawn[] => {
      const rect = rectOf(detection.box, picture);
      return rect === undefined ? [] : [{ detection, rect, color: rgbOf(labelColor(detection.label, this.#options.colors)) }];
    });
    if (this.#options.boxes) {
      for (const { detection, rect, color } of drawn) {
        const carried = (message.detectors[detection.detector]?.age ?? 0) > 0;
        drawBox(painter, rect, lineWidth(picture.height), toYuv(color, coding), carried);
      }
    }
    const plates = this.#drawZoneLabels(painter, picture, coding, shapes, message);
    if (this.#options.labels) {
      // The longest known choose their places first: sizes change places with every frame, and plates would with them.
      const byTrack = drawn.toSorted((a, b) => seniority(a.detection) - seniority(b.detection));
      for (const one of byTrack) plates.push(this.#drawPlate(painter, picture, coding, one, plates));
    }
  }

  #drawZoneLabels(painter: Painter, picture: Picture, coding: ColorCoding, shapes: readonly DrawnShape[], message: AnnotationMessage): Rect[] {
    const { language } = this.#options;
    return drawZoneLabels(painter, picture, coding, shapes, { message, masks: this.#masks, size: textSize(picture.height), language });
  }

  /** @returns where the plate stands */
  #drawPlate(painter: Painter, picture: Picture, coding: ColorCoding, { detection, rect, color }: Drawn, others: readonly Rect[]): Rect {
    const size = textSize(picture.height);
    const label = this.#masks.get(this.#textOf(detection.label), size);
    const score = this.#options.scores ? this.#masks.percent(detection.score, size) : undefined;
    const padding = Math.max(3, Math.round(size / 3.5));
    const gap = Math.round(size / 3);
    const inner = widthOf(label === undefined ? [] : [label]) + (label !== undefined && score !== undefined ? gap : 0) + widthOf(score ?? []);
    const [width, height] = [even(inner + 2 * padding + 1), even(lineHeight(size) + 1)];
    const plate = placePlate(rect, { width, height }, picture, others);
    drawContour(painter, plate);
    painter.fill(plate.left, plate.top, plate.right, plate.bottom, toYuv(color, coding));
    const ink = toYuv(inkOn(color), coding);
    let x = plate.left + padding;
    if (label !== undefined) {
      painter.ink(label, x, plate.top + 1, ink);
      x += label.width + gap;
    }
    for (const mask of score ?? []) {
      painter.ink(mask, x, plate.top + 1, ink);
      x += mask.width;
    }
    return plate;
  }

  #textOf(label: string): string {
    // Labels come out of models: one called `constructor` must not find what every object has.
    return Object.hasOwn(this.#options.names, label) ? this.#options.names[label]! : label;
  }
}

function seniority({ track }: Detection): number {
  return track ?? Number.MAX_SAFE_INTEGER;
}

function widthOf(masks: readonly TextMask[]): number {
  return masks.reduce((sum, { width }) => sum + width, 0);
}
