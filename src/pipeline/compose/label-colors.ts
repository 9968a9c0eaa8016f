import { inkOn, labelColor, rgbOf, toYuv, type ColorCoding, type Rgb, type Yuv } from './palette.ts';

/** What a plate is drawn with. */
export interface PlateColor {
  readonly fill: Yuv;
  /** Of the text upon it. */
  readonly ink: Yuv;
}

/** Labels kept; they are few, but a hostile model may name thousands. */
const CAPACITY = 500;

export function plateColor(rgb: Rgb, coding: ColorCoding): PlateColor {
  return { fill: toYuv(rgb, coding), ink: toYuv(inkOn(rgb), coding) };
}

/** The colours of labels in the coding of a picture, each worked out once. */
export class LabelColors {
  readonly #known = new Map<string, PlateColor>();
  readonly #chosen: Readonly<Record<string, string>>;
  #coding: ColorCoding | undefined;

  /** @param chosen label → `#rrggbb`, instead of the palette's */
  constructor(chosen: Readonly<Record<string, string>>) {
    this.#chosen = chosen;
  }

  of(label: string, coding: ColorCoding): PlateColor {
    if (coding.matrix !== this.#coding?.matrix || coding.range !== this.#coding.range) {
      this.#known.clear();
      this.#coding = coding;
    }
    let color = this.#known.get(label);
    if (color === undefined) {
      if (this.#known.size >= CAPACITY) this.#known.clear();
      this.#known.set(label, (color = plateColor(rgbOf(labelColor(label, this.#chosen)), coding)));
    }
    return color;
  }
}
