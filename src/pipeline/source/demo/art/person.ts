import type { Artwork } from '../template.ts';
import { gait, sink, STANDING, WALK_POSES, type Limb } from './body.ts';
import { OUTFITS, PERSON_SLOTS, type Outfit } from './outfits.ts';
import { ellipse, line, path, rect, type Point } from './shapes.ts';

export { OUTFITS, PERSON_SLOTS };

type Fill = (slot: string) => string;

const BOX = { x: -66, y: -184, width: 132, height: 190 };
const FRONT_BOX = { x: -33, y: -184, width: 66, height: 190 };
const SHADE = '#000';

/** The drawings of a person: twelve of a walk of two steps, then one who stands. From the side, they look to the right. */
export function sidePoses(outfit: Outfit): Artwork[] {
  return Array.from({ length: WALK_POSES + 1 }, (_, pose) => ({ box: BOX, slots: PERSON_SLOTS, plain: true, draw: (fill: Fill) => fromSide(outfit, pose, fill) }));
}

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

function fromSide(outfit: Outfit, pose: number, fill: Fill): string {
  const g = gait(pose);
  const body = [
    arm(g.farArm, outfit, fill, true),
    leg(g.farLeg, outfit, fill, true),
    leg(g.nearLeg, outfit, fill, false),
    outfit.pack === 'backpack' ? path('M-7 -138 C-20 -140 -25 -130 -25 -116 L-24 -100 C-23 -94 -14 -94 -9 -96 Z', fill('extra')) : '',
    torso(outfit, g.nearLeg, g.farLeg, fill),
    headFromSide(outfit, fill),
    outfit.pack === 'backpack' ? line([[2, -137], [5, -124], [-4, -108]], SHADE, 3.2, { opacity: 0.35 }) : '',
    outfit.pack === 'bag' ? bag(g.nearArm, fill) : '',
    arm(g.nearArm, outfit, fill, false),
  ];
  return `<g transform="translate(0 ${sink(g)})">${body.join('')}</g>`;
}

/** Draws something, and darker where it is on the far side. */
function onSide(far: boolean, fill: Fill, draw: (fill: Fill) => string): string {
  return draw(fill) + (far ? `<g opacity="0.26">${draw(() => SHADE)}</g>` : '');
}

/** A leg as it is seen from the side: bare below the hem of shorts, a skirt or a dress. */
export function leg({ root, joint, end }: Limb, outfit: Outfit, fill: Fill, far: boolean): string {
  const bare = outfit.legs !== 'trousers';
  const toes: Point = [end[0] + Math.cos(footAngle(joint, end)) * 15, end[1] + 1 + Math.sin(footAngle(joint, end)) * 15];
  return onSide(far, fill, (colour) =>
    [
      line([[end[0] - 3, end[1]], toes], colour('shoes'), 8.5),
      line([joint, end], colour(bare ? 'skin' : 'bottom'), bare ? 9.5 : 12.5),
      line([root, joint], colour(outfit.legs === 'skirt' ? 'skin' : 'bottom'), 16.5),
    ].join(''),
  );
}

/** A foot stands flat under an upright shin and points down behind the walker. */
function footAngle(joint: Point, end: Point): number {
  const lean = Math.atan2(end[0] - joint[0], end[1] - joint[1]);
  return lean < 0 ? -lean * 0.75 : -lean * 0.5;
}

/** An arm as it is seen from the side. */
export function arm({ root, joint, end }: Limb, outfit: Outfit, fill: Fill, far: boolean): string {
  const drawn = onSide(far, fill, (colour) =>
    [
      ellipse(end[0], end[1], 4.4, 5, colour('skin')),
      line([joint, end], colour(outfit.sleeves === 'long' ? 'top' : 'skin'), 7.6),
      line([root, joint], colour('top'), 10.4),
    ].join(''),
  );
  return drawn + (far ? '' : line([root, joint], SHADE, 10.4, { opacity: 0.1 }));
}

function torso(outfit: Outfit, near: Limb, far: Limb, fill: Fill): string {
  const front = Math.max(near.joint[0], far.joint[0]);
  const back = Math.min(near.joint[0], far.joint[0]);
  const parts: string[] = [];
  const hem = outfit.hem;
  if (outfit.legs === 'skirt' || hem > 0) {
    const flare = outfit.legs === 'skirt' ? 4 : 1;
    const low = -88 + hem;
    const colour = fill(outfit.legs === 'skirt' && outfit.pieces === 'two' ? 'bottom' : 'top');
    const reach = hem / 42;
    parts.push(
      path(`M-10 -104 L11 -104 L${Math.max(11, front * reach + 8 + flare)} ${low} L${Math.min(-11, back * reach - 8 - flare)} ${low} Z`, colour),
      path(`M-10 -104 L-3 -104 L${Math.min(-4, back * reach - 2)} ${low} L${Math.min(-11, back * reach - 8 - flare)} ${low} Z`, SHADE, { opacity: 0.14 }),
    );
  }
  parts.push(
    path('M-9 -143 C-13 -138 -13.5 -120 -11 -104 L-11.5 -84 C-6 -81 6 -81 11 -84 L11 -104 C14 -118 13 -134 7 -143 C3 -146 -5 -146 -9 -143 Z', fill('top')),
    path('M-9 -143 C-13 -138 -13.5 -120 -11 -104 L-11.5 -84 L-4 -83 C-5 -104 -6 -126 -9 -143 Z', SHADE, { opacity: 0.14 }),
  );
  if (outfit.legs !== 'skirt' && hem <= 0) parts.push(path('M-11.5 -92 L11.3 -92 L11 -80 C4 -76 -6 -76 -11.5 -80 Z', fill('bottom')));
  if (outfit.hood) parts.push(path('M-8 -146 C-16 -142 -15 -133 -8 -132 C-3 -136 -2 -142 -4 -147 Z', fill('top')), path('M-8 -146 C-16 -142 -15 -133 -8 -132 C-6 -136 -6 -142 -8 -146 Z', SHADE, { opacity: 0.2 }));
  return parts.join('');
}

function bag(near: Limb, fill: Fill): string {
  const [x, y] = [near.end[0] * 0.3 - 2, -84];
  return line([[-3, -140], [x, y]], SHADE, 2, { opacity: 0.45 }) + rect(x - 11, y - 4, 22, 19, fill('extra'), { rx: 4 }) + rect(x - 11, y - 4, 22, 6, SHADE, { rx: 3, opacity: 0.2 });
}

/** A head in profile, looking to the right. */
export function headFromSide(outfit: Outfit, fill: Fill): string {
  const skin = fill('skin');
  const hair = fill('hair');
  const behind: string[] = [];
  const over: string[] = [];
  if (outfit.hair === 'long') behind.push(path('M-5 -170 C-16 -168 -17 -150 -15 -134 C-12 -129 -4 -131 -2 -138 L3 -158 Z', hair));
  if (outfit.hair === 'tail') behind.push(path('M-8 -166 C-20 -166 -22 -152 -17 -140 C-13 -144 -10 -154 -6 -158 Z', hair));
  if (outfit.hair === 'bun') behind.push(ellipse(-10, -170, 6, 6, hair));
  if (outfit.hair === 'cap') {
    over.push(path('M-8.5 -156 C-13 -172 -2 -177 5 -174 C10 -172 11 -167 11 -164 L-7 -161 Z', fill('extra')), path('M6 -167 C13 -166 17 -163 18 -161 L6 -162 Z', fill('extra')), path('M-9 -160 L-2 -161 L-4 -150 C-8 -150 -9 -154 -9 -160 Z', hair));
  } else if (outfit.hair === 'helmet') {
    over.push(path('M-11 -158 C-14 -176 2 -180 8 -174 C12 -171 13 -167 13 -163 L-11 -158 Z', fill('extra')), path('M-10 -166 L12 -168', 'none', { stroke: SHADE, 'stroke-width': 1.6, opacity: 0.3 }));
  } else {
    over.push(path('M9 -168 C6 -178 -8 -177 -10.5 -166 C-12 -158 -9 -151 -6 -149 C-3 -151 -3 -158 -1 -160 C1 -165 5 -165 9 -168 Z', hair));
  }
  return [
    ...behind,
    line([[0, -144], [1, -152]], skin, 8),
    line([[0, -144], [1, -149]], SHADE, 8, { opacity: 0.16 }),
    ellipse(1.5, -160, 9.4, 11.6, skin),
    path('M9.5 -162 L13 -156.5 L9.5 -155 Z', skin),
    ...over,
  ].join('');
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
    pack && back ? path('M-13 -140 C-15 -120 -15 -108 -13 -100 C-6 -96 6 -96 13 -100 C15 -108 15 -120 13 -140 C6 -145 -6 -145 -13 -140 Z', fill('extra')) + path('M-11 -118 L11 -118 L11 -102 C4 -99 -4 -99 -11 -102 Z', SHADE, { opacity: 0.18 }) : '',
    pack && !back ? line([[-10, -142], [-11, -112]], fill('extra'), 4) + line([[10, -142], [11, -112]], fill('extra'), 4) : '',
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
    line([[foot[0], foot[1]], [foot[0] + side * 1.5, foot[1] + 3]], fill('shoes'), 10),
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
    parts.push(path(`M-13 -106 L13 -106 L${half} ${low} L${-half} ${low} Z`, colour), path(`M5 -106 L13 -106 L${half} ${low} L8 ${low} Z`, SHADE, { opacity: 0.12 }));
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
  parts.push(line([[0, -142], [0, -150]], fill('skin'), 8.5), line([[0, -143], [0, -147]], SHADE, 8.5, { opacity: 0.15 }));
  parts.push(ellipse(0, -160, 9.6, 11.8, fill('skin')));
  if (outfit.hair === 'cap') {
    parts.push(path('M-10.5 -161 C-12 -176 12 -176 10.5 -161 Z', fill('extra')));
    if (!back) parts.push(path('M-10 -163 C-6 -159 6 -159 10 -163 L9 -159 C4 -157 -4 -157 -9 -159 Z', fill('extra')));
  } else if (back) {
    parts.push(path('M-10 -158 C-12 -176 12 -176 10 -158 C10 -151 6 -147 0 -147 C-6 -147 -10 -151 -10 -158 Z', hair));
  } else {
    parts.push(path('M-10.5 -156 C-13 -176 13 -176 10.5 -156 C10 -164 4 -167 -2 -167 C-7 -166 -10 -162 -10.5 -156 Z', hair));
  }
  if (outfit.hair === 'long' && back) parts.push(path('M-10 -164 C-14 -150 -14 -138 -12 -131 C-5 -128 5 -128 12 -131 C14 -138 14 -150 10 -164 Z', hair));
  if (outfit.hair === 'tail' && back) parts.push(path('M-3 -166 C-6 -154 -5 -142 0 -137 C5 -142 6 -154 3 -166 Z', hair), path('M-3 -166 C-6 -154 -5 -142 0 -137 C1 -148 0 -158 -3 -166 Z', SHADE, { opacity: 0.25 }));
  return parts.join('');
}
