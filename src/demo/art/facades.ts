import { css, mix, rgb } from '../colour.ts';
import { FACADE, SIDE_STREET_WIDTH, type StreetPlan } from '../layout.ts';
import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { path, polygon, rect } from './shapes.ts';
import { paintShop, shopColours } from './shops.ts';
import { paintWindow, type WindowStyle } from './windows.ts';

/** A house as it stands in the row: metres. */
interface House {
  readonly x: number;
  readonly width: number;
  readonly storeys: number;
  readonly wall: string;
  readonly trim: string;
  readonly roof: 'flat' | 'mansard' | 'gable' | 'terrace';
  readonly windows: WindowStyle;
  readonly shop: boolean;
  readonly random: Random;
}

/** Walls with a trim that suits them. */
const WALLS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['#d9a679', '#f4e6d0'],
  ['#c96f52', '#f0dcc4'],
  ['#e8d5b0', '#fbf4e4'],
  ['#8fa9a3', '#e9efe6'],
  ['#a9584a', '#e6cdb6'],
  ['#d8c7c0', '#fbf5ef'],
  ['#7f97b0', '#e6ecf0'],
  ['#e2b65f', '#fbeccb'],
  ['#b9877a', '#f1ddcf'],
  ['#94a57b', '#eef0dd'],
  ['#cfd3cd', '#ffffff'],
];
const WINDOWS: readonly [WindowStyle, ...WindowStyle[]] = ['sash', 'tall', 'wide', 'arched'];
const GROUND = 3.9;
const STOREY = 3.05;

/** The row of houses on the far side, with the side street between two of them. */
export function paintFacades(p: Painter, plan: StreetPlan, random: Random): string {
  const gap = SIDE_STREET_WIDTH / 2;
  const parts: string[] = [];
  // Wide enough for every picture; from the side street outwards, so that the middle looks the same in all of them.
  const reach = Math.min(90, p.camera.halfWidth(FACADE) + 16);
  for (const side of [-1, 1] as const) {
    const own = random.fork(side < 0 ? 'left' : 'right');
    let edge = plan.sideStreetX + side * gap;
    let before = -1;
    for (let i = 0; Math.abs(edge) < reach; i += 1) {
      const width = own.range(7.5, 12.5);
      let kind = own.int(WALLS.length);
      if (kind === before) kind = (kind + 1) % WALLS.length;
      before = kind;
      const [wall, trim] = WALLS[kind] ?? WALLS[0];
      const house: House = {
        x: side < 0 ? edge - width : edge,
        width,
        storeys: 2 + own.int(2) + (own.chance(0.25) ? 1 : 0),
        wall,
        trim,
        roof: own.pick(['flat', 'mansard', 'gable', 'terrace']),
        windows: own.pick(WINDOWS),
        shop: own.chance(0.68),
        random: own.fork(`house ${i}`),
      };
      if (i === 0) parts.push(sideWall(p, house, side));
      parts.push(paintHouse(p, house));
      edge += side * width;
    }
  }
  return parts.join('');
}

function topOf({ storeys }: House): number {
  return GROUND + (storeys - 1) * STOREY + 0.5;
}

/** The wall along the side street, running towards the vanishing point. */
function sideWall(p: Painter, house: House, side: 1 | -1): string {
  const x = side < 0 ? house.x + house.width : house.x;
  const depth = FACADE + 15;
  const top = topOf(house);
  const shade = side < 0 ? 0.62 : 0.78;
  const parts = [polygon([p.at(x, FACADE), p.at(x, FACADE, top), p.at(x, depth, top), p.at(x, depth)], p.c(house.wall, shade))];
  for (let storey = 0; storey < house.storeys; storey += 1) {
    const up = storey === 0 ? 1.1 : GROUND + (storey - 1) * STOREY + 0.8;
    for (let z = FACADE + 1.6; z < depth - 1.5; z += 3) {
      const glows = house.random.chance(0.4) && p.look.glow > 0.5;
      const fill = glows ? '#ffcf7d' : css(mix(rgb(p.sky.mirrored), [0, 0, 0], 0.45));
      parts.push(polygon([p.at(x, z, up), p.at(x, z, up + 1.6), p.at(x, z + 1.2, up + 1.6), p.at(x, z + 1.2, up)], fill));
    }
  }
  return parts.join('');
}

function paintHouse(p: Painter, house: House): string {
  const s = p.camera.scale(FACADE);
  const left = p.camera.x(house.x, FACADE);
  const ground = p.camera.y(FACADE);
  const width = house.width * s;
  const top = ground - topOf(house) * s;
  const r = house.random;
  const trim = p.c(house.trim);
  const parts = [
    roof(p, house, left, top, width, s),
    rect(left, top, width + 0.6, ground - top, p.c(house.wall)),
    brickwork(house, left, top, width, ground, s),
    rect(left, top, p.px(3), ground - top, '#fff', { opacity: 0.08 }),
    rect(left + width - p.px(5), top, p.px(5), ground - top, '#000', { opacity: 0.12 }),
  ];
  const columns = Math.max(2, Math.round(house.width / (house.windows === 'wide' ? 3 : 2.35)));
  const pitch = width / columns;
  const balconies = r.chance(0.4);
  for (let storey = 1; storey < house.storeys; storey += 1) {
    const sill = ground - (GROUND + (storey - 1) * STOREY + 0.75) * s;
    for (let column = 0; column < columns; column += 1) {
      const centre = left + (column + 0.5) * pitch;
      parts.push(
        paintWindow(
          p,
          { style: house.windows, x: centre, sill, scale: s, trim: house.trim, balcony: balconies && column % 2 === storey % 2 },
          r.fork(`${storey} ${column}`),
        ),
      );
    }
    parts.push(rect(left, ground - (GROUND + (storey - 1) * STOREY - 0.12) * s, width, 0.13 * s, trim, { opacity: 0.75 }));
  }
  parts.push(
    rect(left - 0.1 * s, top - 0.12 * s, width + 0.2 * s, 0.42 * s, trim),
    rect(left, top + 0.3 * s, width, 0.16 * s, '#000', { opacity: 0.18 }),
  );
  parts.push(
    paintShop(
      p,
      {
        left,
        width,
        ground,
        scale: s,
        height: GROUND * s,
        shop: house.shop,
        colours: shopColours(r.fork('shop')),
        wall: house.wall,
        trim: house.trim,
      },
      r.fork('ground floor'),
    ),
  );
  return parts.join('');
}

function brickwork(house: House, left: number, top: number, width: number, ground: number, s: number): string {
  const r = house.random.fork('bricks');
  return Array.from({ length: Math.round(house.width * house.storeys * 0.9) }, () => {
    const shade = r.chance(0.5) ? '#000' : '#fff';
    return rect(left + r.next() * (width - 0.5 * s), top + r.next() * (ground - top), 0.42 * s, 0.13 * s, shade, { opacity: 0.05 });
  }).join('');
}

function roof(p: Painter, house: House, left: number, top: number, width: number, s: number): string {
  const r = house.random.fork('roof');
  const slate = p.c(r.pick(['#5b6470', '#7a4b3f', '#4f5a55', '#6b5d63']));
  const chimney = (x: number, height: number): string =>
    rect(x, top - height, 0.75 * s, height, p.c('#8c5a48')) + rect(x - 0.1 * s, top - height, 0.95 * s, 0.22 * s, p.c('#6d4437'));
  switch (house.roof) {
    case 'flat':
      return (
        rect(left + width * 0.12, top - 0.9 * s, 1.6 * s, 1.2 * s, p.c('#8b9094')) +
        rect(left + width * 0.7, top - 1.4 * s, 0.12 * s, 1.6 * s, p.c('#60666c')) +
        chimney(left + width * 0.5, 1.2 * s)
      );
    case 'mansard': {
      const count = Math.max(2, Math.round(house.width / 3.4));
      const dormers = Array.from({ length: count }, (_, i) => {
        const x = left + ((i + 0.5) * width) / count;
        const glows = r.chance(0.5) && p.look.glow > 0.5;
        const pane = glows ? '#ffcf7d' : css(mix(rgb(p.sky.mirrored), [0, 0, 0], 0.3));
        return (
          path(
            `M${x - 0.7 * s} ${top} L${x - 0.7 * s} ${top - 1.3 * s} L${x} ${top - 1.85 * s} L${x + 0.7 * s} ${top - 1.3 * s} L${x + 0.7 * s} ${top} Z`,
            p.c(house.trim, 0.95),
          ) + rect(x - 0.42 * s, top - 1.25 * s, 0.84 * s, 1.1 * s, pane)
        );
      });
      return (
        chimney(left + width * 0.16, 3.3 * s) +
        polygon([[left, top], [left + 0.8 * s, top - 2.3 * s], [left + width - 0.8 * s, top - 2.3 * s], [left + width, top]], slate) +
        dormers.join('')
      );
    }
    case 'gable':
      return (
        chimney(left + width * 0.74, 2.6 * s) +
        polygon(
          [[left - 0.3 * s, top], [left + width * 0.2, top - 2.2 * s], [left + width * 0.8, top - 2.2 * s], [left + width + 0.3 * s, top]],
          slate,
        ) +
        [0.2, 0.4, 0.6, 0.8].map((f) => rect(left + width * 0.1, top - 2.2 * s * f, width * 0.8, 0.06 * s, '#000', { opacity: 0.15 })).join('')
      );
    case 'terrace': {
      const shrubs = Array.from(
        { length: 6 },
        (_, i) =>
          `<circle cx="${left + width * (0.12 + 0.15 * i)}" cy="${top - 0.75 * s}" r="${r.range(0.35, 0.7) * s}" fill="${p.c(r.pick(['#5f8a4e', '#77a05a', '#4c7a50']))}"/>`,
      );
      const rail = p.c('#4a5056');
      const bars = Math.round(house.width * 1.5);
      const railing = Array.from({ length: bars }, (_, i) => rect(left + (i * width) / bars, top - 0.75 * s, 0.06 * s, 0.8 * s, rail));
      return shrubs.join('') + rect(left, top - 0.75 * s, width, 0.08 * s, rail) + railing.join('');
    }
  }
}
