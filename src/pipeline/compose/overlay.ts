import type { Logger } from 'pino';
import type { Line, Zone } from '../analytics/options.ts';
import type { AnnotationMessage, Detection } from '../annotation.ts';
import { ageOf, withAttributes } from '../detections.ts';
import type { Picture } from '../picture.ts';
import { drawBox } from './box-drawing.ts';
import { drawCounts } from './count-plates.ts';
import { HeatMap } from './heat-map.ts';
import { LabelColors, type PlateColor } from './label-colors.ts';
import type { OverlayOptions } from './options.ts';
import { codingOf, Painter } from './painter.ts';
import type { ColorCoding } from './palette.ts';
import { drawPlate, plateSize } from './plate.ts';
import { placePlate } from './plate-place.ts';
import { rectOf, type Rect } from './rect.ts';
import { lineWidth, textSize } from './sizes.ts';
import { TextMasks } from './text-masks.ts';
import { Trails } from './trails.ts';
import { ZoneDrawing, type DrawnShape } from './zone-drawing.ts';
import { drawZoneLabels, zoneTexts } from './zone-labels.ts';

/** Labels that are rendered before they are seen; further ones are rendered when they are. */
const PREPARED = 100;

interface Drawn {
  readonly detection: Detection;
  readonly rect: Rect;
  readonly color: PlateColor;
}

/** Draws annotations straight onto the planes of a picture. */
export class Overlay {
  readonly #masks: TextMasks;
  readonly #zones = new ZoneDrawing();
  readonly #trails = new Trails();
  readonly #heat = new HeatMap();
  #options: OverlayOptions;
  #colors: LabelColors;

  constructor(options: OverlayOptions, logger: Logger) {
    this.#options = options;
    this.#colors = new LabelColors(options.colors);
    this.#masks = new TextMasks(logger);
  }

  configure(options: OverlayOptions): void {
    this.#options = options;
    this.#colors = new LabelColors(options.colors);
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
    const { boxes, labels, trails, heatmap, counts, style } = this.#options;
    const line = lineWidth(picture.height);
    this.#follow(picture, message);
    if (heatmap) this.#heat.draw(picture, coding);
    const shapes = this.#options.zones ? this.#zones.draw(painter, picture, coding, line) : [];
    if (trails) this.#trails.draw(painter, picture, message.capturedAt, line, (label) => this.#colors.of(label, coding).fill);
    // Large boxes first, so that what is small and in front is not hidden.
    const ordered = withAttributes(message.detections).sort((a, b) => b.box[2] * b.box[3] - a.box[2] * a.box[3]);
    const drawn = ordered.flatMap((detection): Drawn[] => {
      const rect = rectOf(detection.box, picture);
      return rect === undefined ? [] : [{ detection, rect, color: this.#colors.of(detection.label, coding) }];
    });
    if (boxes) {
      for (const { detection, rect, color } of drawn) {
        drawBox(painter, rect, line, color.fill, { carried: ageOf(detection, message) > 0, style });
      }
    }
    const plates = this.#drawZoneLabels(painter, picture, coding, shapes, message);
    if (counts) plates.push(...this.#drawCounts(painter, picture, coding, message));
    if (labels) {
      // The longest known choose their places first: sizes change places with every frame, and plates would with them.
      const byTrack = drawn.toSorted((a, b) => seniority(a.detection) - seniority(b.detection));
      for (const one of byTrack) plates.push(this.#drawPlate(painter, picture, one, plates));
    }
  }

  #drawZoneLabels(painter: Painter, picture: Picture, coding: ColorCoding, shapes: readonly DrawnShape[], message: AnnotationMessage): Rect[] {
    const { language } = this.#options;
    return drawZoneLabels(painter, picture, coding, shapes, { message, masks: this.#masks, size: textSize(picture.height), language });
  }

  /** What is drawn of more than one frame is taken along while it is wanted, and begins anew after. */
  #follow(picture: Picture, message: AnnotationMessage): void {
    if (this.#options.trails) this.#trails.take(message);
    else this.#trails.clear();
    if (this.#options.heatmap) this.#heat.take(message, picture);
    else this.#heat.clear();
  }

  #drawCounts(painter: Painter, picture: Picture, coding: ColorCoding, message: AnnotationMessage): Rect[] {
    const size = textSize(picture.height);
    return drawCounts(painter, picture, message, {
      size,
      colorOf: (label) => this.#colors.of(label, coding),
      textOf: (label) => this.#masks.get(this.#textOf(label), size),
      numberOf: (count) => this.#masks.number(count, size),
    });
  }

  /** @returns where the plate stands */
  #drawPlate(painter: Painter, picture: Picture, { detection, rect, color }: Drawn, others: readonly Rect[]): Rect {
    const size = textSize(picture.height);
    const label = this.#masks.get(this.#textOf(detection.label), size);
    const score = this.#options.scores ? this.#masks.percent(detection.score, size) : undefined;
    const text = { words: [...(label === undefined ? [] : [[label]]), ...(score === undefined ? [] : [score])], size };
    const plate = placePlate(rect, plateSize(text), picture, others);
    drawPlate(painter, plate, color, text);
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
