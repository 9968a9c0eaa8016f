import { FACADE, SIDE_STREET_WIDTH, STOP_DISTANCE, ZEBRA_WIDTH, type StreetPlan } from './layout.ts';
import type { Random } from './random.ts';

export type Season = 'spring' | 'summer' | 'autumn';

export interface Tree {
  readonly x: number;
  /** 0.8…1.2 of the usual size. */
  readonly size: number;
  /** What its crown is shaped from. */
  readonly seed: number;
}

export type PropKind = 'trunk' | 'lamp' | 'tall-lamp' | 'signal' | 'signal-far' | 'planter' | 'bench' | 'bollard' | 'bin' | 'hydrant';

/** Something that stands in the street; people and vehicles pass before and behind it. */
export interface Prop {
  readonly kind: PropKind;
  readonly x: number;
  readonly z: number;
  readonly mirror: boolean;
}

/** Everything that one seed builds. */
export interface Plan extends StreetPlan {
  readonly season: Season;
  readonly trees: readonly Tree[];
  readonly props: readonly Prop[];
}

/** Where trees stand, and lamps on both sides. */
export const TREE_Z = 29.1;
export const FAR_LAMP_Z = 29.15;
export const NEAR_LAMP_Z = 12.35;
/** Metres to each side that are planned: more than any picture shows. */
const REACH = 70;

export function planStreet(random: Random): Plan {
  const sideStreetX = random.range(3, 9) * (random.chance(0.5) ? 1 : -1);
  const zebraX = sideStreetX > 0 ? sideStreetX - random.range(7.5, 9) : sideStreetX + random.range(7.5, 9);
  const freeOfCrossing = (x: number, margin: number): boolean => Math.abs(x - zebraX) > ZEBRA_WIDTH / 2 + margin;
  const freeOfSideStreet = (x: number, margin: number): boolean => Math.abs(x - sideStreetX) > SIDE_STREET_WIDTH / 2 + margin;

  const trees: Tree[] = [];
  const props: Prop[] = [];
  const add = (kind: PropKind, x: number, z: number, mirror = false): void => void props.push({ kind, x, z, mirror });

  const spacing = random.range(6.5, 8.5);
  const offset = random.range(0, spacing);
  for (let x = -REACH + offset, i = 0; x < REACH; x += spacing, i += 1) {
    const at = x + random.range(-0.6, 0.6);
    const tree = { x: at, size: random.range(0.85, 1.15), seed: random.int(2 ** 31) };
    if (freeOfCrossing(at, 1.8) && freeOfSideStreet(at, 0.8)) {
      if (i % 3 === 1) {
        add('lamp', at, FAR_LAMP_Z);
      } else {
        trees.push(tree);
        add('trunk', at, TREE_Z);
      }
    }
  }
  for (let x = -REACH + random.range(0, 8); x < REACH; x += 15) {
    if (freeOfCrossing(x, 2.4)) add('tall-lamp', x, NEAR_LAMP_Z, random.chance(0.5));
  }
  furnish(random.fork('furniture'), freeOfCrossing, add);
  const stop = ZEBRA_WIDTH / 2 + STOP_DISTANCE / 2;
  add('signal', zebraX - stop, NEAR_LAMP_Z);
  add('signal-far', zebraX + stop, FAR_LAMP_Z, true);
  return { sideStreetX, zebraX, season: random.pick(['spring', 'summer', 'summer', 'autumn']), trees, props };
}

function furnish(random: Random, free: (x: number, margin: number) => boolean, add: (kind: PropKind, x: number, z: number) => void): void {
  for (let x = -REACH; x < REACH; x += 1.7) {
    const kind = random.pick(['bollard', 'bollard', 'planter', 'bench', 'bin', 'hydrant', 'none', 'none', 'none'] as const);
    const at = x + random.range(-0.3, 0.3);
    if (kind === 'none' || !free(at, 1.5)) continue;
    if (kind === 'bench') add('bench', at, FACADE - 0.5);
    else if (kind === 'planter') add('planter', at, FACADE - 0.45);
    else if (random.chance(0.6)) add(kind, at, NEAR_LAMP_Z);
  }
}
