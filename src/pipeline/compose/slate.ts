import type { Logger } from 'pino';
import { AVCOL_RANGE_MPEG, AVCOL_SPC_BT709 } from 'node-av/constants';
import { copyPicture, newPicture } from '../libav-picture.ts';
import type { Picture } from '../picture.ts';
import { codingOf, Painter } from './painter.ts';
import { rgbOf, toYuv, type Rgb } from './palette.ts';
import { even } from './rect.ts';
import { lineHeight, type TextMask } from './text-mask.ts';
import { TextMasks } from './text-masks.ts';

/** Size of the slate of a source that never gave a frame, in pixels. */
const BLANK = { width: 1280, height: 720 } as const;
/** Share of the last frame's contrast that is left of it. */
const FADED = 0.45;
/** Text may take this share of the width and of the height. */
const ROOM = 0.86;
/** Sizes of the font, in pixels. */
const SMALLEST = 6;
const LARGEST = 56;

/** Texts kept: those of some seconds, each in the two sizes that may be tried. Slates write another one each second, for hours. */
const KEPT_TEXTS = 16;

const BACKGROUND = rgbOf('#14171c');
const PLATE = rgbOf('#0c0e12');
const INK = rgbOf('#ffffff');
const SOFT_INK = rgbOf('#c8ccd4');
const ACCENT = rgbOf('#fbbf24');

/** The background of slates: the last frame that there was, greyed. */
export class SlateBackground {
  #last: Picture | undefined;
  #grey: Picture | undefined;
  #closed = false;

  /** Takes over a picture that nobody reads or draws upon any more; the one before it is given back. */
  keep(picture: Picture): void {
    if (this.#closed) return picture.release();
    this.#last?.release();
    this.#last = picture;
    this.#grey?.release();
    this.#grey = undefined;
  }

  /** A picture to write a slate's text on; the caller owns it. @throws Error where libav gives no memory */
  copy(): Picture {
    return copyPicture((this.#grey ??= this.#make()));
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#last?.release();
    this.#grey?.release();
    this.#last = undefined;
    this.#grey = undefined;
  }

  #make(): Picture {
    if (this.#last === undefined) return blank();
    const picture = copyPicture(this.#last);
    greyOut(picture);
    return picture;
  }
}

/** Takes a picture's colour, and most of its contrast. */
export function greyOut({ planes: [luma, ...chroma], range }: Picture): void {
  const black = range === 'full' ? 0 : 16;
  const faded = Uint8Array.from({ length: 256 }, (_, value) => Math.round(black + (Math.max(value, black) - black) * FADED));
  for (let at = 0; at < luma.length; at++) luma[at] = faded[luma[at]!]!;
  for (const plane of chroma) plane.fill(128);
}

/** Writes on slates. */
export class SlateText {
  readonly #masks: TextMasks;

  constructor(logger: Logger) {
    this.#masks = new TextMasks(logger, KEPT_TEXTS);
  }

  /** Writes lines in the middle of a picture, as large as they have room; the first stands out. */
  async draw(picture: Picture, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const { width, height } = picture;
    let size = Math.min(LARGEST, Math.round(height / 18), Math.floor((height * ROOM) / (1.3 * (lines.length + 1))));
    let masks = await this.#render(lines, (size = Math.max(SMALLEST, size)));
    const widest = widthOf(masks) + 3 * size;
    if (widest > width * ROOM && size > SMALLEST) {
      masks = await this.#render(lines, (size = Math.max(SMALLEST, Math.floor((size * width * ROOM) / widest))));
    }
    write(picture, masks, size);
  }

  async #render(lines: readonly string[], size: number): Promise<TextMask[]> {
    for (const line of lines) await this.#masks.prepare(line, size);
    return lines.flatMap((line) => this.#masks.get(line, size) ?? []);
  }
}

function write(picture: Picture, masks: readonly TextMask[], size: number): void {
  const painter = new Painter(picture);
  const coding = codingOf(picture);
  const color = (rgb: Rgb): ReturnType<typeof toYuv> => toYuv(rgb, coding);
  const step = lineHeight(size);
  const [plateWidth, plateHeight] = [even(widthOf(masks) + 3 * size + 1), even(step * (masks.length + 1) + 1)];
  const left = Math.max(0, even((picture.width - plateWidth) / 2));
  const top = Math.max(0, even((picture.height - plateHeight) / 2));
  painter.fill(left, top, left + plateWidth, top + plateHeight, color(PLATE));
  painter.fill(left, top, left + Math.max(2, even(size / 6)), top + plateHeight, color(ACCENT));
  for (const [i, mask] of masks.entries()) {
    painter.ink(mask, left + Math.round((plateWidth - mask.width) / 2), top + Math.round(step * (i + 0.5)), color(i === 0 ? INK : SOFT_INK));
  }
}

function blank(): Picture {
  const picture = newPicture(BLANK.width, BLANK.height, { colorRange: AVCOL_RANGE_MPEG, colorSpace: AVCOL_SPC_BT709 });
  new Painter(picture).fill(0, 0, BLANK.width, BLANK.height, toYuv(BACKGROUND, codingOf(picture)));
  return picture;
}

function widthOf(masks: readonly TextMask[]): number {
  return Math.max(0, ...masks.map(({ width }) => width));
}
