import type { Cyclist, MotorVehicle, Pedestrian } from './actors.ts';
import { STANDING, WALK_POSES } from './art/body.ts';
import { METRES_PER_TURN, PEDAL_POSES } from './art/cyclist.ts';
import { frontPose } from './art/person-front.ts';
import type { Camera } from './camera.ts';
import { RIM_POSES, type Cast, type SignalColour } from './cast.ts';
import { Figure } from './figure.ts';
import { FAR_KERB } from './layout.ts';
import { lookAt } from './light.ts';
import type { Plan, PropKind } from './plan.ts';
import { Shadows } from './shadow.ts';
import { signalsAt } from './signals.ts';
import type { Sprite } from './sprite.ts';
import type { Template } from './template.ts';
import type { Driven } from './traffic.ts';
import type { Walker } from './walkers.ts';
import type { World } from './world.ts';

export type SceneLabel = 'person' | 'car' | 'bus' | 'truck' | 'bicycle';

/** A sprite where it is to be drawn: whole pixels of its upper left corner. */
export interface Placement {
  readonly sprite: Sprite;
  readonly x: number;
  readonly y: number;
  /** What it is, where it is something to be found. */
  readonly is?: { readonly label: SceneLabel; readonly track: number } | undefined;
  /** Whether it hides what it is drawn over: light and what belongs to another sprite does not. */
  readonly hides: boolean;
}

interface Standing {
  readonly z: number;
  readonly placements: readonly Placement[];
}

/** Metres walked in a cycle of two steps by a person of 172 cm. */
const STRIDE = 1.42;

/** Puts everybody and everything where it is to be seen, the farthest first. */
export class Stage {
  readonly #camera: Camera;
  readonly #cast: Cast;
  readonly #plan: Plan;
  readonly #shadows = new Shadows();
  readonly #props: ReadonlyMap<PropKind, Figure>;
  readonly #signalLamps: Readonly<Record<'signal' | 'signal-far', Figure>> = { signal: new Figure({}, 0), 'signal-far': new Figure({}, 0) };

  constructor(camera: Camera, cast: Cast, plan: Plan) {
    this.#camera = camera;
    this.#cast = cast;
    this.#plan = plan;
    this.#props = new Map((Object.keys(cast.props) as PropKind[]).map((kind, i) => [kind, new Figure({}, (i * 0.37) % 1)]));
  }

  /** @param level of the light */
  place(world: World, level: number): Placement[] {
    const ground: Placement[] = [];
    const standing: Standing[] = [...this.#furniture(world.time, level)];
    for (const vehicle of world.vehicles) {
      ground.push(this.#shadowOfVehicle(vehicle, level));
      const { looks } = vehicle;
      if (looks.kind === 'vehicle') {
        const beam = this.#beam(vehicle, looks, level);
        if (beam !== undefined) ground.push(beam);
        standing.push({ z: vehicle.lane.z, placements: this.#vehicle(vehicle, looks, level) });
      } else {
        standing.push({ z: vehicle.lane.z, placements: this.#cyclist(vehicle, looks, level) });
      }
    }
    for (const walker of world.people) {
      ground.push(this.#shadowOfPerson(walker, level));
      standing.push({ z: walker.z, placements: [this.#person(walker, level)] });
    }
    standing.sort((a, b) => b.z - a.z);
    return [...ground, ...standing.flatMap(({ placements }) => placements)];
  }

  #at(sprite: Sprite, x: number, z: number, rest: Omit<Placement, 'sprite' | 'x' | 'y'>, up = 0): Placement {
    const { anchorX, anchorY } = sprite;
    return { sprite, x: Math.round(this.#camera.x(x, z) - anchorX), y: Math.round(this.#camera.y(z, up) - anchorY), ...rest };
  }

  #person(walker: Walker<Pedestrian>, level: number): Placement {
    const { looks, x, z, heading, standing, walked } = walker;
    const sideways = heading === 'left' || heading === 'right';
    const view = heading === 'away' ? 'back' : heading === 'towards' ? 'front' : 'side';
    const turn = walked / (STRIDE * looks.size);
    const pose = standing ? STANDING : Math.floor((turn - Math.floor(turn)) * WALK_POSES);
    const drawing = pick(this.#cast.people[view][looks.outfit], view === 'side' ? pose : frontPose(pose));
    const sprite = looks.figure.sprite(drawing, this.#camera.scale(z) * looks.size, level, sideways && heading === 'left');
    return this.#at(sprite, x, z, { is: { label: 'person', track: looks.track }, hides: true });
  }

  #vehicle(vehicle: Driven<unknown>, looks: MotorVehicle, level: number): Placement[] {
    const { lane, length, front, driven, braking } = vehicle;
    const { model, figure, fittings } = looks;
    const left = lane.direction < 0;
    const scale = this.#camera.scale(lane.z);
    const x = front - (lane.direction * length) / 2;
    const body = figure.sprite(pick(this.#cast.vehicles.get(lane), model), scale, level, left);
    const placements = [this.#at(body, x, lane.z, { is: { label: model.label, track: looks.track }, hides: true })];
    const fifth = (2 * Math.PI) / 5;
    for (const wheel of model.wheels) {
      const turn = driven / (wheel.r / 100) / fifth;
      const rim = fittings.sprite(pick(this.#cast.rims, Math.floor((turn - Math.floor(turn)) * RIM_POSES)), (scale * wheel.r) / 100, level, left);
      placements.push(this.#at(rim, x + (lane.direction * wheel.x) / 100, lane.z, { hides: false }));
    }
    if (braking) {
      const [dx, dy] = model.brake;
      const light = fittings.sprite(this.#cast.brake, scale, level, left);
      placements.push(this.#at(light, x + (lane.direction * dx) / 100, lane.z, { hides: false }, -dy / 100));
    }
    return placements;
  }

  #beam({ lane, length, front }: Driven<unknown>, { model, fittings }: MotorVehicle, level: number): Placement | undefined {
    if (lookAt(level).glow < 0.15) return undefined;
    const sprite = fittings.sprite(this.#cast.beam, this.#camera.scale(lane.z), level, lane.direction < 0);
    const x = front - lane.direction * (length / 2 - model.beam[0] / 100);
    return this.#at(sprite, x, lane.z, { hides: false });
  }

  #cyclist({ lane, length, front, driven }: Driven<unknown>, looks: Cyclist, level: number): Placement[] {
    const left = lane.direction < 0;
    const scale = this.#camera.scale(lane.z);
    const x = front - (lane.direction * length) / 2;
    const turn = driven / METRES_PER_TURN;
    const pose = Math.floor((turn - Math.floor(turn)) * PEDAL_POSES);
    const bicycle = looks.figure.sprite(pick(this.#cast.bicycles.get(lane)?.[looks.bicycle], pose), scale, level, left);
    const rider = looks.riderFigure.sprite(pick(this.#cast.riders.get(lane)?.[looks.outfit], pose), scale, level, left);
    return [
      this.#at(bicycle, x, lane.z, { is: { label: 'bicycle', track: looks.track }, hides: true }),
      this.#at(rider, x, lane.z, { is: { label: 'person', track: looks.riderTrack }, hides: true }),
    ];
  }

  #shadowOfVehicle({ looks, lane, length, front }: Driven<MotorVehicle | Cyclist>, level: number): Placement {
    const depth = looks.kind === 'vehicle' ? 2 : 0.6;
    const { slant } = lookAt(level);
    const scale = this.#camera.scale(lane.z);
    const reach = length * 1.06 + slant * (looks.kind === 'vehicle' ? 0.9 : 0.5);
    const x = front - (lane.direction * length) / 2 + slant * 0.45;
    const height = (this.#camera.y(lane.z - 0.25) - this.#camera.y(lane.z + depth)) * 1.1;
    return this.#at(this.#shadows.sprite(reach * scale, height, level), x, lane.z + depth * 0.4, { hides: false });
  }

  #shadowOfPerson({ looks, x, z }: Walker<Pedestrian>, level: number): Placement {
    const { slant } = lookAt(level);
    const scale = this.#camera.scale(z);
    const reach = (0.62 + slant * 1.1) * looks.size;
    return this.#at(this.#shadows.sprite(reach * scale, 0.2 * scale, level), x + slant * 0.5 * looks.size, z, { hides: false });
  }

  *#furniture(time: number, level: number): Generator<Standing> {
    const { vehicles } = signalsAt(time);
    const lamp: SignalColour = vehicles;
    for (const prop of this.#plan.props) {
      const { kind, x, z, mirror } = prop;
      if (Math.abs(x) > this.#camera.halfWidth(z) + 2) continue;
      const sprite = this.#props.get(kind)?.sprite(this.#cast.props[kind], this.#camera.scale(z), level, mirror);
      if (sprite === undefined) continue;
      const placements = [this.#at(sprite, x, z, { hides: true })];
      if (kind === 'signal' || kind === 'signal-far') {
        placements.push(
          this.#at(this.#signalLamps[kind].sprite(this.#cast.signals[lamp], this.#camera.scale(z), level, false), x, z, { hides: false }),
        );
      }
      // What stands at the far kerb stands behind those who cross and before those who walk along.
      yield { z: z > FAR_KERB ? z - 0.01 : z, placements };
    }
  }
}

function pick<K, V>(from: ReadonlyMap<K, V> | undefined, key: K): V;
function pick(from: readonly Template[] | undefined, index: number): Template;
function pick<K, V>(from: ReadonlyMap<K, V> | readonly V[] | undefined, key: K | number): V {
  const found = from instanceof Map ? from.get(key as K) : (from as readonly V[] | undefined)?.[key as number];
  if (found === undefined) throw new Error('Something is on the street that was never drawn');
  return found as V;
}
