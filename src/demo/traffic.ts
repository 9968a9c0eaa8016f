import type { Camera } from './camera.ts';
import { LANES, STOP_DISTANCE, ZEBRA_WIDTH, type Lane, type StreetPlan } from './layout.ts';
import type { Random } from './random.ts';
import { signalsAt } from './signals.ts';

/** What is in a lane; how it looks is the caller's business. */
export interface Driven<Looks> {
  readonly looks: Looks;
  readonly lane: Lane;
  /** Metres. */
  readonly length: number;
  /** x of the front. */
  readonly front: number;
  /** Metres a second. */
  readonly speed: number;
  readonly braking: boolean;
  /** Metres driven since it appeared: where wheels and pedals are. */
  readonly driven: number;
}

interface Vehicle<Looks> extends Driven<Looks> {
  /** Position of the front along the lane, growing the way it drives. */
  at: number;
  front: number;
  speed: number;
  driven: number;
  braking: boolean;
  readonly wish: number;
}

export interface TrafficOptions<Looks> {
  readonly random: Random;
  readonly plan: StreetPlan;
  readonly camera: Camera;
  /** Chance that something appears in this lane within a second. */
  readonly rate: (lane: Lane) => number;
  /** Somebody new, and how long it is in metres. */
  readonly appear: (lane: Lane, random: Random) => { readonly looks: Looks; readonly length: number };
}

/** Metres beyond the edge of the picture at which vehicles appear. */
const RUN_UP = 16;
/** The intelligent driver model (Treiber, Hennecke, Helbing 2000): metres, seconds. */
const ACCELERATION = 1.9;
const DECELERATION = 2.4;
const HEADWAY = 1.1;
const STANDSTILL_GAP = 1.6;
/** A vehicle that would have to brake harder than this drives on at amber. */
const HARDEST_STOP = 4;

/** Vehicles in their lanes: they keep their distance and stop at the crossing. */
export class Traffic<Looks> {
  readonly #options: TrafficOptions<Looks>;
  readonly #lanes: { readonly lane: Lane; readonly stop: number; readonly reach: number; vehicles: Vehicle<Looks>[] }[];

  constructor(options: TrafficOptions<Looks>) {
    this.#options = options;
    this.#lanes = LANES.map((lane) => ({
      lane,
      stop: lane.direction * options.plan.zebraX - ZEBRA_WIDTH / 2 - STOP_DISTANCE,
      reach: options.camera.halfWidth(lane.z),
      vehicles: [],
    }));
  }

  get vehicles(): Driven<Looks>[] {
    return this.#lanes.flatMap(({ vehicles }) => vehicles);
  }

  /** @param time seconds of the scene at the end of the step @param dt length of the step, seconds, at most a twentieth */
  step(time: number, dt: number): void {
    const { vehicles: light } = signalsAt(time);
    for (const street of this.#lanes) {
      // The first drives ahead of all others.
      let ahead: Vehicle<Looks> | undefined;
      for (const vehicle of street.vehicles) {
        const gaps = [ahead === undefined ? Infinity : ahead.at - ahead.length - vehicle.at];
        const speeds = [ahead?.speed ?? 0];
        const toLine = street.stop - vehicle.at;
        if (light !== 'green' && toLine > -0.5 && (light === 'red' || toLine > vehicle.speed ** 2 / (2 * HARDEST_STOP))) {
          gaps.push(toLine + STANDSTILL_GAP);
          speeds.push(0);
        }
        move(vehicle, Math.min(...gaps.map((gap, i) => acceleration(vehicle, gap, speeds[i] ?? 0))), dt);
        ahead = vehicle;
      }
      street.vehicles = street.vehicles.filter(({ at, length }) => at - length < street.reach + 2);
      this.#arrive(street, dt);
    }
  }

  #arrive(street: { lane: Lane; reach: number; vehicles: Vehicle<Looks>[] }, dt: number): void {
    const { random, rate, appear } = this.#options;
    if (!random.chance(rate(street.lane) * dt)) return;
    const start = -street.reach - RUN_UP;
    const last = street.vehicles.at(-1);
    const room = last === undefined ? Infinity : last.at - last.length - start;
    const { looks, length } = appear(street.lane, random);
    const wish = street.lane.speed * random.range(0.85, 1.15);
    if (room < length + 6) return;
    const speed = Math.min(wish, room < 30 ? (last?.speed ?? wish) : wish);
    const front = street.lane.direction * start;
    street.vehicles.push({ looks, lane: street.lane, length, at: start, front, speed, wish, driven: random.range(0, 4), braking: false });
  }
}

function acceleration(vehicle: { speed: number; wish: number }, gap: number, speedAhead: number): number {
  const free = 1 - (vehicle.speed / vehicle.wish) ** 4;
  if (gap === Infinity) return ACCELERATION * free;
  const approach = (vehicle.speed * (vehicle.speed - speedAhead)) / (2 * Math.sqrt(ACCELERATION * DECELERATION));
  const wanted = STANDSTILL_GAP + Math.max(0, vehicle.speed * HEADWAY + approach);
  return ACCELERATION * (free - (wanted / Math.max(0.2, gap)) ** 2);
}

function move<Looks>(vehicle: Vehicle<Looks>, wanted: number, dt: number): void {
  const change = Math.max(-8, wanted) * dt;
  const speed = Math.max(0, vehicle.speed + change);
  const distance = ((vehicle.speed + speed) / 2) * dt;
  vehicle.braking = speed < 0.3 || wanted < -0.7;
  vehicle.speed = speed;
  vehicle.at += distance;
  vehicle.driven += distance;
  vehicle.front = vehicle.at * vehicle.lane.direction;
}
