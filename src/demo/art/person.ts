import type { Artwork } from '../template.ts';
import { gait, sink, WALK_POSES, type Limb } from './body.ts';
import { PERSON_SLOTS, type Outfit } from './outfits.ts';
import { ellipse, line, path, rect, type Point } from './shapes.ts';

type Fill = (slot: string) => string;

const BOX = { x: -66, y: -184, width: 132, height: 190 };
const SHADE = '#000';

/** The drawings of a person: twelve of a walk of two steps, then one who stands. From the side, they look to the right. */
export function sidePoses(outfit: Outfit): Artwork[] {
  return Array.from({ length: WALK_POSES + 1 }, (_, pose) => ({
    box: BOX,
    slots: PERSON_SLOTS,
    plain: true,
    draw: (fill: Fill) => fromSide(outfit, pose, fill),
  }));
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
      path(`M-10 -104 L-3 -104 L${Math.min(-4, back * reach - 2)} ${low} L${Math.min(-11, back * reach - 8 - flare)} ${low} Z`, SHADE, {
        opacity: 0.14,
      }),
    );
  }
  parts.push(
    path(
      'M-9 -143 C-13 -138 -13.5 -120 -11 -104 L-11.5 -84 C-6 -81 6 -81 11 -84 L11 -104 C14 -118 13 -134 7 -143 C3 -146 -5 -146 -9 -143 Z',
      fill('top'),
    ),
    path('M-9 -143 C-13 -138 -13.5 -120 -11 -104 L-11.5 -84 L-4 -83 C-5 -104 -6 -126 -9 -143 Z', SHADE, { opacity: 0.14 }),
  );
  if (outfit.legs !== 'skirt' && hem <= 0) parts.push(path('M-11.5 -92 L11.3 -92 L11 -80 C4 -76 -6 -76 -11.5 -80 Z', fill('bottom')));
  if (outfit.hood)
    parts.push(
      path('M-8 -146 C-16 -142 -15 -133 -8 -132 C-3 -136 -2 -142 -4 -147 Z', fill('top')),
      path('M-8 -146 C-16 -142 -15 -133 -8 -132 C-6 -136 -6 -142 -8 -146 Z', SHADE, { opacity: 0.2 }),
    );
  return parts.join('');
}

function bag(near: Limb, fill: Fill): string {
  const [x, y] = [near.end[0] * 0.3 - 2, -84];
  return (
    line([[-3, -140], [x, y]], SHADE, 2, { opacity: 0.45 }) +
    rect(x - 11, y - 4, 22, 19, fill('extra'), { rx: 4 }) +
    rect(x - 11, y - 4, 22, 6, SHADE, { rx: 3, opacity: 0.2 })
  );
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
    over.push(
      path('M-8.5 -156 C-13 -172 -2 -177 5 -174 C10 -172 11 -167 11 -164 L-7 -161 Z', fill('extra')),
      path('M6 -167 C13 -166 17 -163 18 -161 L6 -162 Z', fill('extra')),
      path('M-9 -160 L-2 -161 L-4 -150 C-8 -150 -9 -154 -9 -160 Z', hair),
    );
  } else if (outfit.hair === 'helmet') {
    over.push(
      path('M-11 -158 C-14 -176 2 -180 8 -174 C12 -171 13 -167 13 -163 L-11 -158 Z', fill('extra')),
      path('M-10 -166 L12 -168', 'none', { stroke: SHADE, 'stroke-width': 1.6, opacity: 0.3 }),
    );
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
