import { CARS } from './art/cars.ts';
import { BICYCLE_KINDS, bicyclePoses, RIDER_OUTFITS, riderPoses } from './art/cyclist.ts';
import { BEAM, BRAKE_LIGHT, FURNITURE, rim, signalLamp } from './art/furniture.ts';
import { LARGE_VEHICLES } from './art/large-vehicles.ts';
import { OUTFITS } from './art/outfits.ts';
import { frontPoses } from './art/person-front.ts';
import { sidePoses } from './art/person.ts';
import type { VehicleModel } from './art/vehicle-model.ts';
import type { Camera } from './camera.ts';
import { FAR_WALK, LANES, NEAR_WALK, type Lane } from './layout.ts';
import type { PropKind } from './plan.ts';
import { Template } from './template.ts';

export const VEHICLES: readonly VehicleModel[] = [...CARS, ...LARGE_VEHICLES];

/** Positions of a turning wheel's five spokes. */
export const RIM_POSES = 5;

/** The tallest are this much taller than 172 cm. */
const TALLEST = 1.08;
/** Where people walk towards the viewer they are seldom nearer than this. */
const NEAREST_CROSSING = 11;

export type SignalColour = 'red' | 'amber' | 'green';

/** All drawings of moving things and of what stands in the street, rasterised at the sizes in which this picture shows them. */
export interface Cast {
  readonly vehicles: ReadonlyMap<Lane, ReadonlyMap<VehicleModel, Template>>;
  readonly rims: readonly Template[];
  readonly beam: Template;
  readonly brake: Template;
  /** Poses by lane and kind. */
  readonly bicycles: ReadonlyMap<Lane, readonly (readonly Template[])[]>;
  readonly riders: ReadonlyMap<Lane, readonly (readonly Template[])[]>;
  /** Poses by outfit. */
  readonly people: Readonly<Record<'side' | 'front' | 'back', readonly (readonly Template[])[]>>;
  readonly props: Readonly<Record<PropKind, Template>>;
  readonly signals: Readonly<Record<SignalColour, Template>>;
}

/** The last one made. It is kept, because a source that is opened again mostly has the same size. */
let latest: { readonly zoom: number; readonly cast: Promise<Cast> } | undefined;

/** All drawings for this picture; making them takes about a second of a core at 1280×720, outside the main thread. */
export function castFor(camera: Camera): Promise<Cast> {
  if (latest?.zoom !== camera.zoom) latest = { zoom: camera.zoom, cast: createCast(camera) };
  return latest.cast;
}

async function createCast(camera: Camera): Promise<Cast> {
  const motor = LANES.filter(({ use }) => use === 'motor');
  const cycle = LANES.filter(({ use }) => use === 'cycle');
  const nearest = Math.max(...LANES.map(({ z }) => camera.scale(z)));
  const side = camera.scale(NEAR_WALK[0]) * TALLEST;
  const crossing = camera.scale(NEAREST_CROSSING) * TALLEST;
  const [vehicles, bicycles, riders, sides, fronts, backs, props, red, amber, green, rims, beam, brake] = await Promise.all([
    byLane(
      motor,
      async ({ z }) =>
        new Map(await Promise.all(VEHICLES.map(async (model) => [model, await Template.create(model.artwork, camera.scale(z))] as const))),
    ),
    byLane(cycle, ({ z }) => Promise.all(BICYCLE_KINDS.map((kind) => Template.createSheet(bicyclePoses(kind), camera.scale(z))))),
    byLane(cycle, ({ z }) => Promise.all(RIDER_OUTFITS.map((outfit) => Template.createSheet(riderPoses(outfit), camera.scale(z))))),
    Promise.all(OUTFITS.map((outfit) => Template.createSheet(sidePoses(outfit), side))),
    Promise.all(OUTFITS.map((outfit) => Template.createSheet(frontPoses(outfit, 'front'), crossing))),
    Promise.all(OUTFITS.map((outfit) => Template.createSheet(frontPoses(outfit, 'back'), crossing))),
    createProps(camera),
    Template.create(signalLamp('red'), nearest),
    Template.create(signalLamp('amber'), nearest),
    Template.create(signalLamp('green'), nearest),
    Promise.all(Array.from({ length: RIM_POSES }, (_, i) => Template.create(rim((i / RIM_POSES) * ((2 * Math.PI) / 5)), nearest * 0.5))),
    Template.create(BEAM, nearest),
    Template.create(BRAKE_LIGHT, nearest),
  ]);
  return {
    vehicles,
    bicycles,
    riders,
    people: { side: sides, front: fronts, back: backs },
    props,
    signals: { red, amber, green },
    rims,
    beam,
    brake,
  };
}

async function byLane<T>(lanes: readonly Lane[], create: (lane: Lane) => Promise<T>): Promise<Map<Lane, T>> {
  return new Map(await Promise.all(lanes.map(async (lane) => [lane, await create(lane)] as const)));
}

async function createProps(camera: Camera): Promise<Record<PropKind, Template>> {
  // What stands on the far side is small.
  const far = new Set<PropKind>(['trunk', 'lamp', 'signal-far', 'planter', 'bench']);
  const kinds = Object.keys(FURNITURE) as PropKind[];
  const templates = await Promise.all(
    kinds.map(async (kind) => [kind, await Template.create(FURNITURE[kind], camera.scale(far.has(kind) ? FAR_WALK[0] : NEAR_WALK[1]))] as const),
  );
  return Object.fromEntries(templates) as Record<PropKind, Template>;
}
