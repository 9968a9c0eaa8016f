import type { AnnotationMessage } from '../annotation.ts';
import type { Tally } from '../analytics/events.ts';
import type { Picture } from '../picture.ts';
import { plateColor } from './label-colors.ts';
import type { OverlayLanguage } from './options.ts';
import type { Painter } from './painter.ts';
import type { ColorCoding } from './palette.ts';
import { drawPlate, plateSize } from './plate.ts';
import { even, type Rect } from './rect.ts';
import type { TextMask } from './text-mask.ts';
import type { TextMasks } from './text-masks.ts';
import type { DrawnShape } from './zone-drawing.ts';

/** What a line's two counts are called. */
const WORDS: Readonly<Record<OverlayLanguage, readonly [into: string, out: string]>> = { en: ['in', 'out'], 'zh-CN': ['进', '出'], both: ['in', 'out'] };

/** The texts that the labels of zones and lines are written with, beside digits. */
export function zoneTexts(names: readonly string[], language: OverlayLanguage): string[] {
  return names.length === 0 ? [] : [...WORDS[language], ...names];
}

/**
 * Writes names and counts beside zones and lines.
 *
 * @param size of the font in pixels
 * @returns where the plates stand
 */
export function drawZoneLabels(
  painter: Painter,
  picture: Picture,
  coding: ColorCoding,
  shapes: readonly DrawnShape[],
  { message, masks, size, language }: { message: AnnotationMessage; masks: TextMasks; size: number; language: OverlayLanguage },
): Rect[] {
  const [into, out] = WORDS[language];
  const text = (word: string): TextMask[] => {
    const mask = masks.get(word, size);
    return mask === undefined ? [] : [mask];
  };
  const count = (tally: Tally | undefined): TextMask[] => masks.number(sum(tally), size) ?? [];
  const gap = Math.round(size / 3);
  return shapes.map(({ name, kind, color, label }) => {
    const line = message.lines?.[name];
    const words =
      kind === 'zone'
        ? [text(name), count(message.zones?.[name]?.counts)]
        : [text(name), text(into), count(line?.in), text(out), count(line?.out)];
    const { width, height } = plateSize({ words, size });
    const left = even(Math.min(Math.max(0, label[0] - width / 2), Math.max(0, picture.width - width)));
    const top = even(Math.min(Math.max(0, label[1] - height - gap), Math.max(0, picture.height - height)));
    const plate: Rect = { left, top, right: left + width, bottom: top + height };
    drawPlate(painter, plate, plateColor(color, coding), { words, size });
    return plate;
  });
}

function sum(tally: Tally = {}): number {
  return Object.values(tally).reduce((total, count) => total + count, 0);
}
