import {
  CYCLE_LINES,
  FACADE,
  FAR_KERB,
  LANE_LINES,
  MIDDLE,
  NEAR_KERB,
  SIDE_STREET_WIDTH,
  STOP_DISTANCE,
  ZEBRA_WIDTH,
  type StreetPlan,
} from '../layout.ts';
import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { ellipse, line, polygon, type Point } from './shapes.ts';

/** A strip of ground between two distances and two places across. */
function strip(p: Painter, z0: number, z1: number, x0: number, x1: number, fill: string, opacity = 1): string {
  return polygon([p.at(x0, z0), p.at(x1, z0), p.at(x1, z1), p.at(x0, z1)], fill, { opacity });
}

/** Side street, pavements and carriageway with their markings. */
export function paintGround(p: Painter, plan: StreetPlan, random: Random): string {
  const nearest = Math.min(p.camera.nearest, NEAR_KERB - 0.5);
  const wide = p.camera.halfWidth(FACADE) * 1.1;
  const asphalt = '#5d6269';
  const curb = '#c9c5bb';
  return [
    sideStreet(p, plan, asphalt),
    strip(p, FAR_KERB, FACADE, -wide, wide, p.c('#b7ab9c')),
    paving(p, FAR_KERB + 0.35, FACADE, 1, wide, 0.08),
    strip(p, FACADE - 0.7, FACADE, -wide, wide, '#000', 0.16),
    strip(p, FAR_KERB, FAR_KERB + 0.35, -wide, wide, p.c(curb)),
    ramp(p, plan, 'far', asphalt),
    strip(p, NEAR_KERB, FAR_KERB, -wide, wide, p.c(asphalt)),
    strip(p, FAR_KERB - 0.25, FAR_KERB, -wide, wide, '#000', 0.28),
    wear(p, random.fork('wear'), wide),
    markings(p, plan, wide),
    zebra(p, plan),
    strip(p, NEAR_KERB - 0.1, NEAR_KERB + 0.28, -wide, wide, '#000', 0.2),
    strip(p, nearest, NEAR_KERB, -wide, wide, p.c('#bfb3a3')),
    paving(p, nearest, NEAR_KERB - 0.4, 1.1, wide, 0.1),
    slabs(p, random.fork('slabs'), nearest),
    strip(p, NEAR_KERB - 0.4, NEAR_KERB, -wide, wide, p.c('#d3cfc5')),
    strip(p, NEAR_KERB - 0.43, NEAR_KERB - 0.38, -wide, wide, '#000', 0.2),
    ramp(p, plan, 'near', '#d3cfc5'),
  ].join('');
}

function sideStreet(p: Painter, plan: StreetPlan, asphalt: string): string {
  const far = 160;
  const [x, half] = [plan.sideStreetX, SIDE_STREET_WIDTH / 2];
  const kerb = half - 1.7;
  const parts = [
    strip(p, FACADE, far * 5, x - 600, x + 600, p.far('#7f8a72', 0.5)),
    strip(p, FACADE, far, x - half, x + half, p.c('#a89c8d')),
    polygon([p.at(x - kerb, FAR_KERB), p.at(x + kerb, FAR_KERB), p.at(x + kerb, far), p.at(x - kerb, far)], p.c(asphalt)),
  ];
  for (let z = FACADE + 1; z < 90; z += 5) parts.push(strip(p, z, z + 2.2, x - 0.09, x + 0.09, p.c('#e9e4d6'), 0.8));
  return parts.join('');
}

/** Joints of paving slabs, towards the vanishing point and across. */
function paving(p: Painter, z0: number, z1: number, size: number, wide: number, opacity: number): string {
  const parts: string[] = [];
  const width = Math.max(0.5, p.px(1));
  for (let z = Math.ceil(z0 / size) * size; z < z1; z += size) parts.push(line([p.at(-wide, z), p.at(wide, z)], '#000', width, { opacity }));
  for (let x = -Math.ceil(wide / size) * size; x < wide; x += size)
    parts.push(line([p.at(x, z0), p.at(x, z1)], '#000', width, { opacity: opacity * 0.8 }));
  return parts.join('');
}

/** Single slabs that are lighter or darker. */
function slabs(p: Painter, random: Random, nearest: number): string {
  const reach = p.camera.halfWidth(NEAR_KERB);
  return Array.from({ length: 40 }, () => {
    const x = Math.round(random.range(-reach, reach) / 1.1) * 1.1;
    const z = Math.floor(random.range(nearest, NEAR_KERB - 1.2) / 1.1) * 1.1;
    return strip(p, Math.max(z, nearest), z + 1.1, x, x + 1.1, random.chance(0.5) ? '#000' : '#fff', 0.05);
  }).join('');
}

function wear(p: Painter, random: Random, wide: number): string {
  const tracks = [15.4, 16.9, 18.6, 20.1, 21.8, 23.3, 25.0, 26.5].map((z) => strip(p, z, z + 0.5, -wide, wide, '#000', 0.07));
  const patches = Array.from({ length: 5 }, () => {
    const x = random.range(-20, 20);
    const z = random.range(NEAR_KERB + 1, FAR_KERB - 3);
    return strip(p, z, z + random.range(0.9, 2), x, x + random.range(2, 5), random.chance(0.5) ? '#000' : '#fff', 0.06);
  });
  const covers = Array.from({ length: 3 }, () => {
    const [x, z] = [random.range(-14, 14), random.pick([16.2, 19.3, 22.4, 25.6])];
    const s = p.camera.scale(z);
    const [cx, cy] = p.at(x, z);
    return ellipse(cx, cy, 0.36 * s, 0.36 * s * (5.8 / z), p.c('#3f4348')) + ellipse(cx, cy, 0.28 * s, 0.28 * s * (5.8 / z), p.c('#54585e'));
  });
  return [...tracks, ...patches, ...covers].join('');
}

function markings(p: Painter, plan: StreetPlan, wide: number): string {
  const white = p.c('#ece8dc');
  const yellow = p.c('#e3b54a');
  const parts: string[] = [];
  const from = plan.zebraX - ZEBRA_WIDTH / 2 - STOP_DISTANCE;
  const to = plan.zebraX + ZEBRA_WIDTH / 2 + STOP_DISTANCE;
  const across = [[-wide, from - 0.4], [to + 0.4, wide]] as const;
  for (const [a, b] of across) {
    parts.push(
      strip(p, NEAR_KERB + 0.1, CYCLE_LINES[0], a, b, p.c('#8a4f45'), 0.55),
      strip(p, CYCLE_LINES[1], FAR_KERB - 0.1, a, b, p.c('#8a4f45'), 0.55),
    );
    for (const z of CYCLE_LINES) parts.push(strip(p, z - 0.07, z + 0.07, a, b, white, 0.9));
    parts.push(strip(p, MIDDLE - 0.2, MIDDLE - 0.08, a, b, yellow), strip(p, MIDDLE + 0.08, MIDDLE + 0.2, a, b, yellow));
  }
  for (const z of LANE_LINES) {
    for (let x = Math.ceil(-wide / 6) * 6; x < wide; x += 6) {
      if (x + 3 < from - 0.4 || x > to + 0.4) parts.push(strip(p, z - 0.07, z + 0.07, x, x + 3, white, 0.9));
    }
  }
  parts.push(
    strip(p, NEAR_KERB + 0.3, MIDDLE - 0.3, from - 0.4, from, white, 0.95),
    strip(p, MIDDLE + 0.3, FAR_KERB - 0.3, to, to + 0.4, white, 0.95),
  );
  return parts.join('');
}

function zebra(p: Painter, plan: StreetPlan): string {
  const [x0, x1] = [plan.zebraX - ZEBRA_WIDTH / 2, plan.zebraX + ZEBRA_WIDTH / 2];
  const parts: string[] = [];
  for (let z = NEAR_KERB + 0.5; z < FAR_KERB - 0.6; z += 1.1) parts.push(strip(p, z, z + 0.55, x0, x1, p.c('#f1eee4'), 0.95));
  return parts.join('');
}

/** The lowered kerb at the crossing, with bumps for those who can't see it. */
function ramp(p: Painter, plan: StreetPlan, side: 'near' | 'far', colour: string): string {
  const [x0, x1] = [plan.zebraX - ZEBRA_WIDTH / 2, plan.zebraX + ZEBRA_WIDTH / 2];
  const [z0, z1] = side === 'near' ? [NEAR_KERB - 1.2, NEAR_KERB] : [FAR_KERB, FAR_KERB + 0.9];
  const parts = [strip(p, z0, z1, x0, x1, p.c(side === 'near' ? '#d9b45f' : '#c9a861'))];
  const dots: Point[] = [];
  for (let z = z0 + 0.2; z < z1 - 0.1; z += 0.3) for (let x = x0 + 0.2; x < x1; x += 0.34) dots.push(p.at(x, z));
  const s = p.camera.scale((z0 + z1) / 2);
  parts.push(dots.map(([x, y]) => ellipse(x, y, 0.07 * s, 0.035 * s, '#000', { opacity: 0.16 })).join(''));
  return parts.join('') + (side === 'near' ? strip(p, z1 - 0.1, z1, x0, x1, p.c(colour)) : '');
}
