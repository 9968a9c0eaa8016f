import { FACADE } from '../layout.ts';
import { TREE_Z, type Plan, type Season, type Tree } from '../plan.ts';
import { Random } from '../random.ts';
import type { Painter } from './painter.ts';
import { circle, line } from './shapes.ts';

/** Dark to light, several kinds of tree a season. */
const LEAVES: Record<Season, readonly [readonly [string, string, string], ...(readonly [string, string, string])[]]> = {
  spring: [['#5b8a4a', '#7dab5b', '#a6cc78'], ['#c9829b', '#e6a9bb', '#f7d3da'], ['#6a9a52', '#8fbb63', '#b9d98a']],
  summer: [['#37683f', '#4f8550', '#74a862'], ['#42704a', '#5d9056', '#86b36a'], ['#2f5f4b', '#467e5d', '#6aa079']],
  autumn: [['#a8502a', '#cf7a33', '#eeab4f'], ['#8f3a2c', '#b9533a', '#de8250'], ['#94762e', '#c79f3e', '#ecce6a']],
};

/** Crowns of the trees along the far kerb. Their trunks are props, because people pass behind them. */
export function paintTrees(p: Painter, plan: Plan): string {
  return plan.trees.map((tree) => crown(p, tree, plan.season, TREE_Z)).join('');
}

/** Trees and hedges along the side street, up to where it fades. */
export function paintSideTrees(p: Painter, plan: Plan): string {
  const parts: string[] = [];
  for (let z = 118; z > FACADE + 17; z -= z * 0.11) {
    const distance = Math.min(0.8, (z - FACADE) / 110);
    for (const side of [-1, 1]) {
      const s = p.camera.scale(z);
      const [x, y] = p.at(plan.sideStreetX + side * (5.6 + (z - FACADE) * 0.05), z);
      const tones = LEAVES[plan.season][side < 0 ? 0 : 2] ?? LEAVES[plan.season][0];
      parts.push(
        line([[x, y], [x, y - 3 * s]], p.far('#5b4636', distance), 0.35 * s),
        circle(x, y - 3.6 * s, 2.7 * s, p.far(tones[0], distance)),
        circle(x - 0.5 * s, y - 4.3 * s, 2.2 * s, p.far(tones[1], distance)),
        circle(x - 0.9 * s, y - 4.9 * s, 1.2 * s, p.far(tones[2], distance)),
        circle(x + side * 2.4 * s, y - 0.9 * s, 2 * s, p.far(tones[0], distance)),
      );
    }
  }
  return parts.join('');
}

function crown(p: Painter, tree: Tree, season: Season, z: number): string {
  const random = new Random(tree.seed);
  const s = p.camera.scale(z) * tree.size;
  const [x, ground] = p.at(tree.x, z);
  const tones = random.pick(LEAVES[season]);
  const middle = ground - 4.5 * s;
  const puffs: { x: number; y: number; r: number }[] = Array.from({ length: 11 }, (_, i) => {
    const angle = (i / 11) * 2 * Math.PI + random.range(-0.2, 0.2);
    return { x: x + Math.cos(angle) * 1.25 * s, y: middle + Math.sin(angle) * 1.0 * s, r: random.range(0.75, 1.05) * s };
  });
  const branches = [
    line([[x, ground - 2.1 * s], [x, middle]], p.c('#5b4636'), 0.26 * s),
    line([[x, ground - 2.7 * s], [x - 0.8 * s, middle]], p.c('#5b4636'), 0.15 * s),
    line([[x, ground - 2.5 * s], [x + 0.9 * s, middle]], p.c('#5b4636'), 0.15 * s),
  ];
  const layer = (fill: string, dx: number, dy: number, shrink: number): string =>
    circle(x + dx, middle + dy, 1.45 * s * shrink, fill) +
    puffs.map((puff) => circle(x + (puff.x - x) * shrink + dx, middle + (puff.y - middle) * shrink + dy, puff.r * shrink, fill)).join('');
  const specks = Array.from({ length: 16 }, () => {
    const angle = random.range(0, 2 * Math.PI);
    const far = Math.sqrt(random.next()) * 1.5 * s;
    return circle(
      x + Math.cos(angle) * far - 0.2 * s,
      middle + Math.sin(angle) * far * 0.85 - 0.25 * s,
      random.range(0.1, 0.22) * s,
      p.c(tones[random.chance(0.5) ? 2 : 0]),
      { opacity: 0.55 },
    );
  });
  return (
    branches.join('') +
    layer(p.c(tones[0]), 0, 0, 1) +
    layer(p.c(tones[1]), -0.16 * s, -0.2 * s, 0.84) +
    layer(p.c(tones[2]), -0.42 * s, -0.5 * s, 0.5) +
    specks.join('')
  );
}
