import type { Plan, Season } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { circle, polygon } from './shapes.ts';

/** Flower beds at the viewer's feet: in front of everybody who walks by, and too low to hide them. */
const BED_NEAR = 8.1;
const BED_FAR = 8.72;

const FLOWERS: Record<Season, readonly [string, ...string[]]> = {
  spring: ['#f2b7c6', '#f7e08a', '#ffffff', '#b58fd6'],
  summer: ['#e2574c', '#f4c542', '#ffffff', '#e88fb4', '#8f7fd6'],
  autumn: ['#d9792f', '#e8b23a', '#a8433a', '#c9628a'],
};

/** The flower beds along the lower edge of the picture. */
export function paintForeground(p: Painter, plan: Plan, random: Random): string {
  const parts: string[] = [];
  const middle = random.range(-3, 3);
  for (const side of [1, -1]) {
    const own = random.fork(side < 0 ? 'left' : 'right');
    for (let at = middle + side * 1.2; Math.abs(at) < 40;) {
      const length = own.range(4, 7.5);
      parts.push(bed(p, plan, own.fork(`bed at ${Math.round(at)}`), at, at + side * length));
      at += side * (length + own.range(1.6, 3));
    }
  }
  return parts.join('');
}

function bed(p: Painter, plan: Plan, random: Random, a: number, b: number): string {
  const [x0, x1] = [Math.min(a, b), Math.max(a, b)];
  const stone = p.c('#cfc8ba');
  const parts = [
    polygon([p.at(x0, BED_NEAR), p.at(x1, BED_NEAR), p.at(x1, BED_FAR), p.at(x0, BED_FAR)], p.c('#5a4636')),
    polygon([p.at(x0, BED_FAR), p.at(x1, BED_FAR), p.at(x1, BED_FAR, 0.12), p.at(x0, BED_FAR, 0.12)], p.c('#a39a8a')),
    polygon(
      [p.at(x0 - 0.05, BED_FAR, 0.12), p.at(x1 + 0.05, BED_FAR, 0.12), p.at(x1 + 0.05, BED_FAR - 0.12, 0.12), p.at(x0 - 0.05, BED_FAR - 0.12, 0.12)],
      stone,
    ),
  ];
  const greens = plan.season === 'autumn' ? ['#6b7a3a', '#86883f', '#59703f'] : ['#3f7a45', '#57924f', '#2f6540'];
  for (let x = x0 + 0.2; x < x1 - 0.1; x += 0.24) {
    const z = BED_FAR - 0.22;
    const [cx, cy] = p.at(x + random.range(-0.06, 0.06), z, random.range(0.08, 0.2));
    parts.push(circle(cx, cy, random.range(0.15, 0.22) * p.camera.scale(z), p.c(random.pick(greens as [string, ...string[]]))));
  }
  for (let x = x0 + 0.12; x < x1; x += random.range(0.1, 0.22)) {
    const z = BED_FAR - random.range(0.2, 0.5);
    const [cx, cy] = p.at(x, z, random.range(0.14, 0.36));
    const r = random.range(0.035, 0.06) * p.camera.scale(z);
    parts.push(circle(cx, cy, r, p.c(random.pick(FLOWERS[plan.season]))), circle(cx, cy, r * 0.35, p.c('#f0d060')));
  }
  return parts.join('');
}
