import { Casting, type Cyclist, type MotorVehicle, type Pedestrian } from './actors.ts';
import type { Camera } from './camera.ts';
import type { SceneOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import { Traffic, type Driven } from './traffic.ts';
import { Walkers, type Walker } from './walkers.ts';

/** The longest step that people and vehicles move in, seconds. */
const LONGEST_STEP = 0.05;
/** Seconds that pass before the first frame, so that the street is not empty then. */
const BEFORE = 75;
/** Step of that time. */
const BEFORE_STEP = 0.04;
/** At full density: vehicles in a second in a lane, and people in a second in all. */
const MOTOR_RATE = 0.42;
const CYCLE_RATE = 0.15;
const PEOPLE_RATE = 0.85;

/** Who is where: moves on in steps of one frame, always alike for one seed, size and frame rate. */
export class World {
  readonly #traffic: Traffic<MotorVehicle | Cyclist>;
  readonly #walkers: Walkers<Pedestrian>;
  readonly #frameTime: number;
  #time = 0;
  #index = 0;

  constructor(options: SceneOptions, plan: Plan, camera: Camera) {
    const random = new Random(options.seed);
    const casting = new Casting();
    const { density } = options;
    this.#frameTime = 1 / options.fps;
    this.#traffic = new Traffic({
      random: random.fork('traffic'),
      plan,
      camera,
      rate: ({ use }) => density * (use === 'motor' ? MOTOR_RATE : CYCLE_RATE),
      appear: (lane, own) => casting.inLane(lane, own),
    });
    this.#walkers = new Walkers({
      random: random.fork('people'),
      plan,
      camera,
      rate: density * PEOPLE_RATE,
      appear: (own) => casting.pedestrian(own),
    });
    const start = random.fork('start').range(0, 40);
    while (this.#time < BEFORE + start) this.#step(BEFORE_STEP);
  }

  /** Number of the frame that the world stands at. */
  get index(): number {
    return this.#index;
  }

  /** Seconds on the clock that the signals follow. */
  get time(): number {
    return this.#time;
  }

  get vehicles(): Driven<MotorVehicle | Cyclist>[] {
    return this.#traffic.vehicles;
  }

  get people(): readonly Walker<Pedestrian>[] {
    return this.#walkers.people;
  }

  /** On to the next frame. */
  advance(): void {
    const steps = Math.ceil(this.#frameTime / LONGEST_STEP);
    for (let i = 0; i < steps; i += 1) this.#step(this.#frameTime / steps);
    this.#index += 1;
  }

  #step(dt: number): void {
    this.#time += dt;
    this.#traffic.step(this.#time, dt);
    this.#walkers.step(this.#time, dt);
  }
}
