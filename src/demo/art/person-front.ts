import type { Artwork } from '../template.ts';
import { STANDING, WALK_POSES } from './body.ts';
import { PERSON_SLOTS, type Outfit } from './outfits.ts';
import { ellipse, line, path, rect, type Point } from './shapes.ts';

type Fill = (slot: string) => string;

const FRONT_BOX = { x: -33, y: -184, width: 66, height: 190 };
const SHADE = '#000';

/** From the front and the back, a leg looks alike on its way up and down: seven drawings of a walk, then one who stands. */
export const FRONT_POSES = 7;

/** @param pose of the twelve of a walk, or standing @returns which of the drawings from the front shows it */
export function frontPose(pose: number): number {
  if (pose === STANDING) return FRONT_POSES;
  return Math.round(3 - 3 * Math.cos(((pose - 3) / WALK_POSES) * 2 * Math.PI));
}

/** The drawings of a person who walks towards the viewer or away. */
export function frontPoses(outfit: Outfit, view: 'front' | 'back'): Artwork[] {
  return Array.from({ length: FRONT_POSES + 1 }, (_, i) => {
    const lift = i === FRONT_POSES ? 0 : Math.cos((i / (FRONT_POSES - 1)) * Math.PI);
    return { box: FRONT_BOX, slots: PERSON_SLOTS, plain: true, draw: (fill: Fill) => fromFront(outfit, lift, view === 'back', fill) };
  });
}

/** @param lift −1…1: how far one leg is before the other */
function fromFront(outfit: Outfit, lift: number, back: boolean, fill: Fill): string {
  const legs = ([-1, 1] as const).map((side) => frontLeg(side, lift * side, outfit, fill));
  const arms = ([-1, 1] as const).map((side) => frontArm(side, -lift * side, outfit, fill));
  const bob = Math.abs(lift) * 2;
  const pack = outfit.pack === 'backpack';
  const body = [
    outfit.pack === 'bag' ? rect(14, -92, 15, 19, fill('extra'), { rx: 4 }) : '',
    arms.join(''),
    frontTorso(outfit, fill),
    outfit.pack === 'bag' ? line([[-9, -142], [16, -90]], SHADE, 2, { opacity: 0.4 }) : '',
    pack && back
      ? path('M-13 -140 C-15 -120 -15 -108 -13 -100 C-6 -96 6 -96 13 -100 C15 -108 15 -120 13 -140 C6 -145 -6 -145 -13 -140 Z', fill('extra')) +
        path('M-11 -118 L11 -118 L11 -102 C4 -99 -4 -99 -11 -102 Z', SHADE, { opacity: 0.18 })
      : '',
    pack && !back
      ? line([[-10, -142], [-11, -112]], fill('extra'), 4) +
        line([[10, -142], [11, -112]], fill('extra'), 4)
      : '',
    headFromFront(outfit, back, fill),
  ];
  return `<g transform="translate(0 ${bob})">${legs.join('')}${body.join('')}</g>`;
}

/** @param lift −1…1: a leg that is lifted towards the viewer is shorter and lower in the picture */
function frontLeg(side: 1 | -1, lift: number, outfit: Outfit, fill: Fill): string {
  const x = side * 7.5;
  const up = Math.max(0, lift) * 13;
  const bare = outfit.legs !== 'trousers';
  const knee: Point = [x * 1.02, -46 - up * 0.3];
  const foot: Point = [x * 1.05, -6 - up];
  return [
    line(
      [
        [foot[0], foot[1]],
        [foot[0] + side * 1.5, foot[1] + 3],
      ],
      fill('shoes'),
      10,
    ),
    line([knee, foot], fill(bare ? 'skin' : 'bottom'), bare ? 10 : 13),
    line([[x, -88], knee], fill(outfit.legs === 'skirt' ? 'skin' : 'bottom'), 15.5),
    up > 0 ? line([knee, foot], SHADE, 13, { opacity: 0.16 }) : '',
  ].join('');
}

function frontArm(side: 1 | -1, swing: number, outfit: Outfit, fill: Fill): string {
  const shoulder: Point = [side * 17, -136];
  const elbow: Point = [side * 21.5, -111];
  const hand: Point = [side * (21 - Math.max(0, swing) * 5), -88 - Math.max(0, swing) * 14];
  return [
    ellipse(hand[0], hand[1] + 2, 4.2, 5, fill('skin')),
    line([elbow, hand], fill(outfit.sleeves === 'long' ? 'top' : 'skin'), 7.6),
    line([shoulder, elbow], fill('top'), 10),
    line([shoulder, elbow], SHADE, 10, { opacity: 0.14 }),
  ].join('');
}

function frontTorso(outfit: Outfit, fill: Fill): string {
  const skirted = outfit.legs === 'skirt';
  const parts: string[] = [];
  if (skirted || outfit.hem > 0) {
    const low = -88 + outfit.hem;
    const half = skirted ? 19 : 16;
    const colour = fill(skirted && outfit.pieces === 'two' ? 'bottom' : 'top');
    parts.push(
      path(`M-13 -106 L13 -106 L${half} ${low} L${-half} ${low} Z`, colour),
      path(`M5 -106 L13 -106 L${half} ${low} L8 ${low} Z`, SHADE, { opacity: 0.12 }),
    );
  } else {
    parts.push(path('M-14.5 -98 L14.5 -98 L15.5 -80 L0 -74 L-15.5 -80 Z', fill('bottom')));
  }
  parts.push(
    path('M-7 -145 C-16 -143 -20 -139 -19 -132 L-14 -112 L-14.5 -86 L14.5 -86 L14 -112 L19 -132 C20 -139 16 -143 7 -145 Z', fill('top')),
    path('M7 -145 C16 -143 20 -139 19 -132 L14 -112 L14.5 -86 L6 -86 C7 -108 8 -128 7 -145 Z', SHADE, { opacity: 0.12 }),
  );
  return parts.join('');
}

function headFromFront(outfit: Outfit, back: boolean, fill: Fill): string {
  const hair = fill('hair');
  const parts: string[] = [];
  if (outfit.hair === 'long') parts.push(path('M-11 -166 C-15 -150 -14 -138 -12 -132 L12 -132 C14 -138 15 -150 11 -166 Z', hair));
  if (outfit.hair === 'bun') parts.push(ellipse(0, -173, 6, 6, hair));
  parts.push(
    line([[0, -142], [0, -150]], fill('skin'), 8.5),
    line([[0, -143], [0, -147]], SHADE, 8.5, { opacity: 0.15 }),
  );
  parts.push(ellipse(0, -160, 9.6, 11.8, fill('skin')));
  if (outfit.hair === 'cap') {
    parts.push(path('M-10.5 -161 C-12 -176 12 -176 10.5 -161 Z', fill('extra')));
    if (!back) parts.push(path('M-10 -163 C-6 -159 6 -159 10 -163 L9 -159 C4 -157 -4 -157 -9 -159 Z', fill('extra')));
  } else if (back) {
    parts.push(path('M-10 -158 C-12 -176 12 -176 10 -158 C10 -151 6 -147 0 -147 C-6 -147 -10 -151 -10 -158 Z', hair));
  } else {
    parts.push(path('M-10.5 -156 C-13 -176 13 -176 10.5 -156 C10 -164 4 -167 -2 -167 C-7 -166 -10 -162 -10.5 -156 Z', hair));
  }
  if (outfit.hair === 'long' && back)
    parts.push(path('M-10 -164 C-14 -150 -14 -138 -12 -131 C-5 -128 5 -128 12 -131 C14 -138 14 -150 10 -164 Z', hair));
  if (outfit.hair === 'tail' && back)
    parts.push(
      path('M-3 -166 C-6 -154 -5 -142 0 -137 C5 -142 6 -154 3 -166 Z', hair),
      path('M-3 -166 C-6 -154 -5 -142 0 -137 C1 -148 0 -158 -3 -166 Z', SHADE, { opacity: 0.25 }),
    );
  return parts.join('');
}
