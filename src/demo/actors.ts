import { bicyclePalette, BICYCLE_KINDS, BICYCLE_LENGTH, RIDER_OUTFITS } from './art/cyclist.ts';
import { OUTFITS, personPalette } from './art/outfits.ts';
import type { VehicleModel } from './art/vehicle-model.ts';
import { VEHICLES } from './cast.ts';
import { Figure } from './figure.ts';
import type { Lane } from './layout.ts';
import type { Random } from './random.ts';

/** Somebody on foot. */
export interface Pedestrian {
  readonly kind: 'pedestrian';
  readonly track: number;
  readonly figure: Figure;
  /** Which of the outfits. */
  readonly outfit: number;
  /** Height, as a share of 172 cm. */
  readonly size: number;
}

export interface MotorVehicle {
  readonly kind: 'vehicle';
  readonly track: number;
  readonly model: VehicleModel;
  readonly figure: Figure;
  /** Wheels, lights and beams: the same for all, but in each vehicle's size. */
  readonly fittings: Figure;
}

/** A bicycle and the person on it, each with a track of its own. */
export interface Cyclist {
  readonly kind: 'cyclist';
  readonly track: number;
  readonly riderTrack: number;
  readonly bicycle: number;
  readonly outfit: number;
  readonly figure: Figure;
  readonly riderFigure: Figure;
}

/** Makes up who appears next, and numbers them. */
export class Casting {
  #tracks = 0;
  readonly #weights = VEHICLES.reduce((sum, { weight }) => sum + weight, 0);

  pedestrian(random: Random): { looks: Pedestrian; size: number } {
    const outfit = random.int(OUTFITS.length);
    const [from, to] = OUTFITS[outfit]?.height ?? [1, 1];
    const size = random.range(from, to);
    const figure = new Figure(personPalette(random), random.next());
    return { looks: { kind: 'pedestrian', track: this.#track(), figure, outfit, size }, size };
  }

  inLane(lane: Lane, random: Random): { looks: MotorVehicle | Cyclist; length: number } {
    return lane.use === 'cycle' ? this.#cyclist(random) : this.#vehicle(random);
  }

  #vehicle(random: Random): { looks: MotorVehicle; length: number } {
    let left = random.range(0, this.#weights);
    const model = VEHICLES.find(({ weight }) => (left -= weight) < 0) ?? VEHICLES[0];
    if (model === undefined) throw new Error('There is no vehicle to choose from');
    const phase = random.next();
    const figure = new Figure(model.palette(random), phase);
    return { looks: { kind: 'vehicle', track: this.#track(), model, figure, fittings: new Figure({}, phase) }, length: model.length };
  }

  #cyclist(random: Random): { looks: Cyclist; length: number } {
    const phase = random.next();
    const looks: Cyclist = {
      kind: 'cyclist',
      track: this.#track(),
      riderTrack: this.#track(),
      bicycle: random.int(BICYCLE_KINDS.length),
      outfit: random.int(RIDER_OUTFITS.length),
      figure: new Figure(bicyclePalette(random), phase),
      riderFigure: new Figure(personPalette(random), phase),
    };
    return { looks, length: BICYCLE_LENGTH };
  }

  #track(): number {
    this.#tracks += 1;
    return this.#tracks;
  }
}
