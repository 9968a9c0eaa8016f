import { css, mix, rgb } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { circle, ellipse, path, polygon, rect } from './shapes.ts';

export interface ShopColours {
  readonly front: string;
  readonly awning: string;
  readonly stripe: string;
  readonly sign: string;
}

/** The ground floor of a house: pixels. */
export interface GroundFloor {
  readonly left: number;
  readonly width: number;
  readonly ground: number;
  readonly height: number;
  /** Pixels for a metre. */
  readonly scale: number;
  readonly shop: boolean;
  readonly colours: ShopColours;
  readonly wall: string;
  readonly trim: string;
}

type Front = readonly [front: string, awning: string, stripe: string];

const FRONTS: readonly [Front, ...Front[]] = [
  ['#2f5d50', '#2f6f5c', '#f2ead8'],
  ['#7a2f2f', '#b5403a', '#f6e7d2'],
  ['#27415f', '#34618f', '#eef1ee'],
  ['#4a3a2f', '#d39a3f', '#fbf0d6'],
  ['#5b3b57', '#8a5480', '#f3e6ee'],
  ['#3a4248', '#4f6a72', '#e6ecea'],
];

export function shopColours(random: Random): ShopColours {
  const [front, awning, stripe] = random.pick(FRONTS);
  return { front, awning, stripe, sign: random.pick(['#f6e3b4', '#ffffff', '#f2c75c', '#bfe3d6']) };
}

/** Shop windows under an awning, or the windows and the door of people who live there. */
export function paintShop(p: Painter, floor: GroundFloor, random: Random): string {
  return floor.shop ? shop(p, floor, random) : dwelling(p, floor, random);
}

function shop(p: Painter, { left, width, ground, height, scale: s, colours }: GroundFloor, r: Random): string {
  const top = ground - height + 0.35 * s;
  const doorWidth = 1.15 * s;
  const doorLeft = left + width * r.pick([0.1, 0.45, 0.78]) - doorWidth * 0.2;
  const bright = p.look.glow > 0.5;
  const inside = bright ? '#ffe2a6' : css(mix(rgb(p.sky.mirrored), [16, 22, 30], 0.5));
  const parts = [
    rect(left + 0.15 * s, top, width - 0.3 * s, ground - top, p.c(colours.front)),
    rect(left + 0.35 * s, top + 0.95 * s, width - 0.7 * s, ground - top - 1.4 * s, inside),
  ];
  parts.push(display(p, left + 0.5 * s, ground - 0.45 * s, width - s, s, bright, r));
  if (!bright)
    parts.push(
      polygon(
        [[left + width * 0.2, ground - 0.45 * s], [left + width * 0.34, top + s], [left + width * 0.46, top + s], [left + width * 0.3, ground - 0.45 * s]],
        '#fff',
        { opacity: 0.12 },
      ),
    );
  for (let x = left + 0.35 * s; x < left + width - 0.4 * s; x += 2.1 * s)
    parts.push(rect(x, top + 0.9 * s, 0.1 * s, ground - top - 1.2 * s, p.c(colours.front, 0.8)));
  parts.push(
    rect(doorLeft, top + 0.95 * s, doorWidth, ground - top - 0.95 * s, p.c(colours.front, 0.75)),
    rect(
      doorLeft + 0.15 * s,
      top + 1.1 * s,
      doorWidth - 0.3 * s,
      ground - top - 1.6 * s,
      bright ? '#fff0cc' : css(mix(rgb(p.sky.mirrored), [16, 22, 30], 0.35)),
    ),
    rect(left + 0.25 * s, top + 0.08 * s, width - 0.5 * s, 0.62 * s, p.c(colours.front, 0.85)),
  );
  parts.push(sign(p, left + width / 2, top + 0.4 * s, s, colours.sign, r));
  if (r.chance(0.75)) parts.push(awning(p, left + 0.25 * s, top + 0.78 * s, width - 0.5 * s, s, colours));
  return parts.join('');
}

/** Letters that say nothing in any language: blocks in the colour of the sign. */
function sign(p: Painter, x: number, y: number, s: number, colour: string, r: Random): string {
  const shining = p.look.glow > 0.5;
  const fill = shining ? colour : p.c(colour, 0.95);
  const letters = 5 + r.int(4);
  const parts: string[] = shining ? [ellipse(x, y, letters * 0.32 * s, 0.55 * s, colour, { opacity: 0.14 })] : [];
  for (let i = 0; i < letters; i += 1) {
    const at = x + (i - (letters - 1) / 2) * 0.36 * s;
    const kind = r.int(4);
    if (kind === 0) parts.push(circle(at, y, 0.13 * s, 'none', { stroke: fill, 'stroke-width': 0.07 * s }));
    else if (kind === 1)
      parts.push(rect(at - 0.04 * s, y - 0.17 * s, 0.08 * s, 0.34 * s, fill), rect(at - 0.1 * s, y + 0.1 * s, 0.2 * s, 0.07 * s, fill));
    else if (kind === 2)
      parts.push(
        rect(at - 0.11 * s, y - 0.17 * s, 0.07 * s, 0.34 * s, fill),
        rect(at + 0.05 * s, y - 0.17 * s, 0.07 * s, 0.34 * s, fill),
        rect(at - 0.1 * s, y - 0.03 * s, 0.2 * s, 0.07 * s, fill),
      );
    else
      parts.push(
        path(`M${at - 0.12 * s} ${y + 0.17 * s} L${at} ${y - 0.17 * s} L${at + 0.12 * s} ${y + 0.17 * s}`, 'none', {
          stroke: fill,
          'stroke-width': 0.07 * s,
        }),
      );
  }
  return parts.join('');
}

function awning(p: Painter, left: number, top: number, width: number, s: number, { awning: cloth, stripe }: ShopColours): string {
  const count = Math.round(width / (0.55 * s));
  const w = width / count;
  const parts = [rect(left, top + 1.05 * s, width, 0.35 * s, '#000', { opacity: 0.18 })];
  for (let i = 0; i < count; i += 1) {
    const fill = p.c(i % 2 === 0 ? cloth : stripe);
    const x = left + i * w;
    parts.push(
      path(
        `M${x} ${top} L${x + w} ${top} L${x + w} ${top + 0.95 * s} C${x + w} ${top + 1.25 * s} ${x} ${top + 1.25 * s} ${x} ${top + 0.95 * s} Z`,
        fill,
      ),
    );
  }
  parts.push(rect(left, top, width, 0.3 * s, '#fff', { opacity: 0.14 }), rect(left, top + 0.92 * s, width, 0.06 * s, '#000', { opacity: 0.14 }));
  return parts.join('');
}

/** What is in the shop window. */
function display(p: Painter, left: number, floor: number, width: number, s: number, bright: boolean, r: Random): string {
  const parts: string[] = [];
  for (let x = left + 0.3 * s; x < left + width - 0.6 * s; x += r.range(0.7, 1.4) * s) {
    const colour = p.c(r.pick(['#c96f52', '#e2b65f', '#6a9a8b', '#8fa9c3', '#b98aa8', '#d9cfc0']), bright ? 1.25 : 0.7);
    const size = r.range(0.35, 0.75) * s;
    parts.push(
      r.chance(0.5)
        ? rect(x, floor - size, size * 0.8, size, colour, { opacity: 0.85, rx: 0.05 * s })
        : ellipse(x + size / 2, floor - size / 2, size * 0.42, size / 2, colour, { opacity: 0.85 }),
    );
  }
  return parts.join('');
}

function dwelling(p: Painter, { left, width, ground, height, scale: s, wall, trim }: GroundFloor, r: Random): string {
  const bright = p.look.glow > 0.5;
  const parts = [rect(left, ground - 0.7 * s, width, 0.7 * s, p.c(wall, 0.72))];
  const doors = r.chance(0.5) ? [0.5] : [0.22];
  const colour = r.pick(['#2f5d50', '#7a2f2f', '#27415f', '#5b3b57', '#8a6a2f']);
  const count = Math.max(2, Math.round(width / (2.5 * s)));
  for (let i = 0; i < count; i += 1) {
    const share = (i + 0.5) / count;
    const x = left + share * width;
    const isDoor = doors.some((d) => Math.abs(d - share) < 0.5 / count);
    const glows = r.chance(0.5) && bright;
    if (isDoor) {
      parts.push(
        rect(x - 0.85 * s, ground - height + 0.9 * s, 1.7 * s, height - 0.9 * s, p.c(trim)),
        rect(x - 0.62 * s, ground - 2.3 * s, 1.24 * s, 2.3 * s, p.c(colour)),
        rect(x - 0.62 * s, ground - 2.75 * s, 1.24 * s, 0.4 * s, bright ? '#ffdf9e' : css(mix(rgb(p.sky.mirrored), [0, 0, 0], 0.3))),
        rect(x - 0.45 * s, ground - 2.05 * s, 0.38 * s, 0.8 * s, '#000', { opacity: 0.16 }),
        rect(x + 0.07 * s, ground - 2.05 * s, 0.38 * s, 0.8 * s, '#000', { opacity: 0.16 }),
        circle(x + 0.46 * s, ground - 1.05 * s, 0.06 * s, p.c('#e6c15a')),
        rect(x - 1 * s, ground - 0.18 * s, 2 * s, 0.18 * s, p.c('#b9b2a6')),
      );
    } else {
      const pane = glows ? '#ffd27f' : css(mix(rgb(p.sky.mirrored), [20, 28, 40], p.key === 'night' ? 0.5 : 0.35));
      parts.push(
        rect(x - 0.72 * s, ground - 2.75 * s, 1.44 * s, 1.75 * s, p.c(trim)),
        rect(x - 0.58 * s, ground - 2.6 * s, 1.16 * s, 1.5 * s, pane),
        rect(x - 0.04 * s, ground - 2.6 * s, 0.08 * s, 1.5 * s, p.c(trim)),
        rect(x - 0.85 * s, ground - 1.08 * s, 1.7 * s, 0.14 * s, p.c(trim)),
      );
    }
  }
  return parts.join('');
}
