import { css, mix, rgb } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { path, polygon, rect } from './shapes.ts';

export type WindowStyle = 'sash' | 'tall' | 'wide' | 'arched';

export interface WindowPlace {
  readonly style: WindowStyle;
  /** Column of the middle and row of the sill, pixels. */
  readonly x: number;
  readonly sill: number;
  /** Pixels for a metre. */
  readonly scale: number;
  readonly trim: string;
  readonly balcony: boolean;
}

/** Width and height in metres. */
const SIZES: Record<WindowStyle, readonly [number, number]> = { sash: [1.15, 1.65], tall: [1.05, 1.95], wide: [1.9, 1.5], arched: [1.15, 1.75] };
const LIT = ['#ffd27f', '#ffe0a3', '#ffc56b', '#ffe9c4', '#f7cfa0'] as const;

/** A window; in the evening somebody may be at home. */
export function paintWindow(p: Painter, place: WindowPlace, random: Random): string {
  const { style, x, sill, scale: s, trim, balcony } = place;
  const [w, h] = SIZES[style].map((metres) => metres * s) as [number, number];
  const [left, top] = [x - w / 2, sill - h];
  // Drawn for every time of day alike, so that people keep their windows.
  const warm = random.pick(LIT);
  const homeAtDusk = random.chance(0.4);
  const homeAtNight = random.chance(0.52);
  const curtains = random.chance(0.45);
  const flowers = random.chance(0.3);
  const glows = p.key === 'dusk' ? homeAtDusk : p.key === 'night' ? homeAtNight : false;
  const pane = glows ? warm : css(mix(rgb(p.sky.mirrored), [20, 28, 40], p.key === 'night' ? 0.5 : 0.32));
  const outline = (grow: number): string =>
    style === 'arched'
      ? `M${left - grow} ${sill} L${left - grow} ${top + w * 0.35} C${left - grow} ${top - w * 0.1 - grow} ${left + w + grow} ${top - w * 0.1 - grow} ${left + w + grow} ${top + w * 0.35} L${left + w + grow} ${sill} Z`
      : `M${left - grow} ${sill} L${left - grow} ${top - grow} L${left + w + grow} ${top - grow} L${left + w + grow} ${sill} Z`;
  const frame = p.c(trim);
  const bar = Math.max(0.8, 0.07 * s);
  const parts = [path(outline(0.14 * s), frame), path(outline(0), pane)];
  if (!glows)
    parts.push(
      polygon(
        [[left, top + h * 0.55], [left + w * 0.75, top + (style === 'arched' ? w * 0.1 : 0)], [left + w, top + (style === 'arched' ? w * 0.3 : 0)], [left + w, top + h * 0.12], [left, top + h * 0.85]],
        '#fff',
        { opacity: p.key === 'night' ? 0.05 : 0.16 },
      ),
    );
  if (curtains) {
    const cloth = glows ? '#e8a85e' : p.c('#e9e2d3', 0.8);
    parts.push(
      rect(left, top + h * 0.12, w * 0.2, h * 0.88, cloth, { opacity: 0.8 }),
      rect(left + w * 0.8, top + h * 0.12, w * 0.2, h * 0.88, cloth, { opacity: 0.8 }),
    );
  }
  parts.push(rect(x - bar / 2, top, bar, h, frame), rect(left, top + h * (style === 'wide' ? 0.72 : 0.42), w, bar, frame));
  if (style === 'wide') parts.push(rect(x - w * 0.27, top, bar, h, frame), rect(x + w * 0.25, top, bar, h, frame));
  parts.push(
    rect(left - 0.2 * s, sill, w + 0.4 * s, 0.14 * s, frame),
    rect(left - 0.14 * s, sill + 0.14 * s, w + 0.28 * s, 0.09 * s, '#000', { opacity: 0.16 }),
  );
  if (balcony) {
    const rail = p.c('#3b4046');
    parts.push(
      rect(left - 0.35 * s, sill + 0.05 * s, w + 0.7 * s, 0.16 * s, p.c(trim, 0.85)),
      rect(left - 0.3 * s, sill - 0.75 * s, w + 0.6 * s, 0.07 * s, rail),
    );
    for (let i = 0; i <= 7; i += 1) parts.push(rect(left - 0.3 * s + ((w + 0.55 * s) * i) / 7, sill - 0.75 * s, 0.05 * s, 0.8 * s, rail));
  } else if (flowers) {
    parts.push(rect(left, sill - 0.16 * s, w, 0.2 * s, p.c('#7d4f38')));
    for (let i = 0; i < 6; i += 1)
      parts.push(
        `<circle cx="${left + (w * (i + 0.5)) / 6}" cy="${sill - 0.26 * s}" r="${0.14 * s}" fill="${p.c(i % 2 === 0 ? '#5f8a4e' : random.pick(['#d9576a', '#e8a13a', '#c96bb0']))}"/>`,
      );
  }
  return parts.join('');
}
