import type { Camera } from './camera.ts';
import { FAR_KERB, FAR_WALK, MIDDLE, NEAR_KERB, NEAR_WALK, ZEBRA_WIDTH, type StreetPlan } from './layout.ts';
import type { Random } from './random.ts';
import { signalsAt } from './signals.ts';

export type Heading = 'left' | 'right' | 'away' | 'towards';

/** Somebody on foot; how they look is the caller's business. */
export interface Walker<Looks> {
  readonly looks: Looks;
  readonly x: number;
  readonly z: number;
  readonly heading: Heading;
  readonly standing: boolean;
  /** Metres walked since they appeared: where the feet are. */
  readonly walked: number;
}

interface Waypoint {
  readonly x: number;
  readonly z: number;
  /** Wait here until people may cross. */
  readonly gate?: boolean;
}

interface Person<Looks> {
  readonly looks: Looks;
  readonly speed: number;
  x: number;
  z: number;
  heading: Heading;
  standing: boolean;
  walked: number;
  route: Waypoint[];
}

export interface WalkersOptions<Looks> {
  readonly random: Random;
  readonly plan: StreetPlan;
  readonly camera: Camera;
  /** People who appear in a second. */
  readonly rate: number;
  /** Somebody new, and how tall, as a share of 172 cm: short people walk slower. */
  readonly appear: (random: Random) => { readonly looks: Looks; readonly size: number };
}

/** How many of the people cross the street. */
const CROSSING_SHARE = 0.4;
/** Nobody crosses slower: the lights give time for this, metres a second. */
const SLOWEST_CROSSING = 1.42;
/** Metres from the kerb at which people wait. */
const WAITING = [0.35, 1.5] as const;

type Side = 'near' | 'far';

/** People on the pavements and the crossing. */
export class Walkers<Looks> {
  readonly #options: WalkersOptions<Looks>;
  #people: Person<Looks>[] = [];

  constructor(options: WalkersOptions<Looks>) {
    this.#options = options;
  }

  get people(): readonly Walker<Looks>[] {
    return this.#people;
  }

  /** @param time seconds of the scene at the end of the step @param dt length of the step, seconds */
  step(time: number, dt: number): void {
    const { walk } = signalsAt(time);
    for (const person of this.#people) advance(person, walk, dt);
    this.#people = this.#people.filter(({ route }) => route.length > 0);
    if (this.#options.random.chance(this.#options.rate * dt)) this.#people.push(this.#appear());
  }

  #appear(): Person<Looks> {
    const { random, appear } = this.#options;
    const { looks, size } = appear(random);
    const side: Side = random.chance(0.58) ? 'far' : 'near';
    const z = this.#track(side);
    const from = random.chance(0.5) ? -1 : 1;
    const crosses = random.chance(CROSSING_SHARE);
    const start = { x: from * this.#edge(z), z };
    const route = crosses ? this.#acrossFrom(side, z) : [{ x: -from * this.#edge(z), z }];
    const usual = random.range(1.15, 1.62) * (0.5 + size / 2);
    return {
      looks,
      speed: crosses ? Math.max(usual, SLOWEST_CROSSING) : usual,
      ...start,
      heading: from < 0 ? 'right' : 'left',
      standing: false,
      walked: random.range(0, 1.4),
      route,
    };
  }

  #acrossFrom(side: Side, z: number): Waypoint[] {
    const { random, plan } = this.#options;
    const x = plan.zebraX + random.range(-0.4, 0.4) * ZEBRA_WIDTH;
    const inset = random.range(...WAITING);
    const kerb = side === 'near' ? Math.max(z, NEAR_KERB - inset) : Math.min(z, FAR_KERB + inset);
    const target = this.#track(side === 'near' ? 'far' : 'near');
    const exit = (random.chance(0.5) ? -1 : 1) * this.#edge(target);
    return [
      { x, z },
      { x, z: kerb, gate: true },
      { x, z: target },
      { x: exit, z: target },
    ];
  }

  /** A line along which somebody walks on a side. */
  #track(side: Side): number {
    const [from, to] = side === 'near' ? NEAR_WALK : FAR_WALK;
    return this.#options.random.range(from, to);
  }

  /** Just outside the picture. */
  #edge(z: number): number {
    return this.#options.camera.halfWidth(z) + 0.7;
  }
}

function advance<Looks>(person: Person<Looks>, walk: boolean, dt: number): void {
  const [target] = person.route;
  if (target === undefined) return;
  let left = person.speed * dt;
  const dx = target.x - person.x;
  const dz = target.z - person.z;
  const distance = Math.abs(dx) + Math.abs(dz);
  if (distance > left) {
    // A route turns only at right angles.
    if (dx !== 0) {
      person.x += Math.sign(dx) * left;
      person.heading = dx < 0 ? 'left' : 'right';
    } else {
      person.z += Math.sign(dz) * left;
      person.heading = dz > 0 ? 'away' : 'towards';
    }
  } else {
    person.x = target.x;
    person.z = target.z;
    left = distance;
    if (target.gate !== true || walk) person.route.shift();
    else person.heading = target.z < MIDDLE ? 'away' : 'towards';
  }
  person.standing = left === 0;
  person.walked += left;
}
