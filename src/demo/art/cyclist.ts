import { rgb, type Rgb } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Artwork, Palette } from '../template.ts';
import { FOREARM, reaching, SHIN, THIGH, UPPER_ARM, type Limb } from './body.ts';
import { RIDER_OUTFITS, PERSON_SLOTS, type Outfit } from './outfits.ts';
import { arm, headFromSide, leg } from './person.ts';
import { circle, line, path, rect, type Point } from './shapes.ts';

export { RIDER_OUTFITS };

/** Poses of one turn of the pedals. */
export const PEDAL_POSES = 12;
/** Metres that one turn of the pedals takes a bicycle. */
export const METRES_PER_TURN = 4.2;
/** From the front of a bicycle to its back, metres. */
export const BICYCLE_LENGTH = 1.75;

const WHEEL = 33;
const REAR: Point = [-52, -WHEEL];
const FRONT: Point = [52, -WHEEL];
const CRANKS: Point = [-8, -30];
const CRANK = 17;
const GRIP: Point = [37, -104];
const HIP: Point = [-22, -97];
const SHOULDER: Point = [10, -144];

const BOX = { x: -96, y: -186, width: 192, height: 190 };

export type BicycleKind = 'town' | 'cargo' | 'sport';
export const BICYCLE_KINDS: readonly [BicycleKind, ...BicycleKind[]] = ['town', 'cargo', 'sport'];

function angleOf(pose: number): number {
  return (pose / PEDAL_POSES) * 2 * Math.PI;
}

function pedal(pose: number, far: boolean): Point {
  const angle = angleOf(pose) + (far ? Math.PI : 0);
  return [CRANKS[0] + Math.cos(angle) * CRANK, CRANKS[1] + Math.sin(angle) * CRANK];
}

/** Drawings of a bicycle for each position of its pedals, heading right. */
export function bicyclePoses(kind: BicycleKind): Artwork[] {
  return Array.from({ length: PEDAL_POSES }, (_, pose) => ({
    box: BOX,
    slots: ['frame'],
    draw: (fill) => bicycle(kind, pose, fill('frame')),
    glow: lamps(),
  }));
}

function lamps(): string {
  return (
    circle(48, -92, 10, '#fff1c0', { opacity: 0.5 }) +
    circle(48, -92, 4.5, '#fff6d8') +
    circle(-62, -78, 8, '#ff3020', { opacity: 0.5 }) +
    circle(-62, -78, 4, '#ff5a48')
  );
}

function bicycle(kind: BicycleKind, pose: number, frame: string): string {
  const steel = '#3a3f45';
  const [px, py] = pedal(pose, false);
  const [qx, qy] = pedal(pose, true);
  const head: Point = kind === 'sport' ? [36, -92] : [34, -88];
  const parts = [
    wheel(REAR, pose),
    wheel(FRONT, pose),
    line([CRANKS, [qx, qy]], '#2b2e33', 3),
    line([[qx - 6, qy], [qx + 6, qy]], '#1d1f22', 4),
    line([REAR, CRANKS], frame, 4),
    line([REAR, [-21, -80]], frame, 4),
    line([CRANKS, [-23, -90]], frame, 5),
    kind === 'town' ? line([CRANKS, [10, -44], head], frame, 5) : line([CRANKS, head], frame, 5.5) +
        line([[-21, -82], [33, -90]], frame, 4.5),
    line([FRONT, head, [32, -101]], frame, 4.5),
    line([[32, -101], GRIP, kind === 'sport' ? [44, -96] : [29, -106]], steel, 3.6),
    path('M-36 -94 C-30 -98 -18 -97 -11 -94 L-14 -91 C-22 -91 -32 -90 -36 -94 Z', '#22252a'),
    kind === 'cargo'
      ? rect(42, -112, 34, 24, '#8a6a45', { rx: 3 }) +
        line([[42, -100], [76, -100]], '#000', 2, { opacity: 0.25 })
      : '',
    kind === 'town'
      ? line([[-78, -72], [-32, -72]], steel, 3) + path('M-84 -42 C-82 -64 -66 -74 -50 -73', 'none', { stroke: frame, 'stroke-width': 3 })
      : '',
    circle(CRANKS[0], CRANKS[1], 8, steel),
    line([CRANKS, [px, py]], '#4a4f56', 3.4),
    line([[px - 6, py], [px + 6, py]], '#1d1f22', 4.4),
  ];
  return parts.join('');
}

function wheel([x, y]: Point, pose: number): string {
  const spokes = Array.from({ length: 8 }, (_, i) => {
    const angle = angleOf(pose) * 2.5 + (i * Math.PI) / 4;
    return line([[x, y], [x + Math.cos(angle) * (WHEEL - 3), y + Math.sin(angle) * (WHEEL - 3)]], '#c7ccd0', 0.9, { opacity: 0.75 });
  });
  const tyre = circle(x, y, WHEEL - 2, 'none', { stroke: '#1f2125', 'stroke-width': 4.4 });
  return tyre + circle(x, y, WHEEL - 5, 'none', { stroke: '#a9afb4', 'stroke-width': 1.4 }) + spokes.join('') + circle(x, y, 3.4, '#33373c');
}

/** Drawings of the person on it, for each position of the pedals. */
export function riderPoses(outfit: Outfit): Artwork[] {
  return Array.from({ length: PEDAL_POSES }, (_, pose) => ({
    box: BOX,
    slots: PERSON_SLOTS,
    plain: true,
    draw: (fill) => rider(outfit, pose, fill),
  }));
}

function rider(outfit: Outfit, pose: number, fill: (slot: string) => string): string {
  const legTo = (far: boolean): Limb => {
    const [x, y] = pedal(pose, far);
    return reaching(HIP, [x - 4, y - 7], THIGH, SHIN, 1);
  };
  const armTo = (root: Point): Limb => reaching(root, [GRIP[0] - 3, GRIP[1] - 3], UPPER_ARM, FOREARM, -1);
  return [
    arm(armTo([SHOULDER[0] + 2, SHOULDER[1] + 3]), outfit, fill, true),
    leg(legTo(true), outfit, fill, true),
    outfit.pack === 'backpack' ? path('M-2 -150 C-16 -148 -26 -136 -28 -120 C-24 -112 -14 -112 -8 -118 Z', fill('extra')) : '',
    path('M4 -150 C-8 -146 -24 -122 -34 -98 C-30 -88 -16 -86 -9 -90 C0 -106 14 -124 17 -140 C17 -148 12 -152 4 -150 Z', fill('top')),
    path('M4 -150 C-8 -146 -24 -122 -34 -98 C-32 -92 -28 -90 -24 -89 C-18 -108 -6 -130 4 -150 Z', '#000', { opacity: 0.13 }),
    path('M-34 -99 C-36 -88 -20 -82 -8 -88 L-12 -98 Z', fill('bottom')),
    leg(legTo(false), outfit, fill, false),
    `<g transform="translate(16 -7)">${headFromSide(outfit, fill)}</g>`,
    arm(armTo(SHOULDER), outfit, fill, false),
  ].join('');
}

const FRAMES = ['#c8372d', '#24618c', '#2f8a63', '#e7b93c', '#2b2e33', '#e9e6de', '#d97b3a', '#7f9fb5'].map(rgb) as [Rgb, ...Rgb[]];

export function bicyclePalette(random: Random): Palette {
  return { frame: random.pick(FRAMES) };
}
