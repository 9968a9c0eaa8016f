import type { AnnotationMessage } from '../annotation.ts';
import type { Picture } from '../picture.ts';
import type { PlateColor } from './label-colors.ts';
import type { Painter } from './painter.ts';
import { drawPlate, plateSize } from './plate.ts';
import { even, type Rect } from './rect.ts';
import type { TextMask } from './text-mask.ts';

/** Plates that are drawn at most. */
const MOST = 8;

/**
 * Writes how many things of each label are in the picture, at its upper right.
 * @param size of the font in pixels
 * @returns where the plates stand
 */
export function drawCounts(
  painter: Painter,
  picture: Picture,
  { detections }: AnnotationMessage,
  { size, colorOf, textOf, numberOf }: { size: number; colorOf: (label: string) => PlateColor; textOf: (label: string) => TextMask | undefined; numberOf: (count: number) => readonly TextMask[] | undefined },
): Rect[] {
  const counts = new Map<string, number>();
  for (const { label } of detections) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, MOST);
  const margin = even(size / 2);
  let top = margin;
  return sorted.map(([label, count]) => {
    const name = textOf(label);
    const text = { words: [name === undefined ? [] : [name], numberOf(count) ?? []], size };
    const { width, height } = plateSize(text);
    const right = even(picture.width - margin);
    const plate = { left: right - width, top, right, bottom: top + height };
    drawPlate(painter, plate, colorOf(label), text);
    top += height + 2;
    return plate;
  });
}
