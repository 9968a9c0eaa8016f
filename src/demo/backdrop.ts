import { paintFacades } from './art/facades.ts';
import { paintForeground } from './art/foreground.ts';
import { paintSideTrees, paintTrees } from './art/greenery.ts';
import { paintGround } from './art/ground.ts';
import { paintLamplight } from './art/lamplight.ts';
import { Painter } from './art/painter.ts';
import { paintSky } from './art/sky.ts';
import type { Canvas } from './blit.ts';
import type { Camera } from './camera.ts';
import { BLUE, LUMA, RED } from './colour.ts';
import { LIGHT_KEYS, type LightKey } from './light.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import { rasterise } from './raster.ts';

/** Steps between two painted times of day. */
const STEPS = 128;
/** Horizontal parts of the picture that change their light one after the other, so that no frame has to mix the whole picture. */
const STRIPS = 24;

/** Y, U and V, packed. */
type Planes = readonly [Buffer, Buffer, Buffer];

/** The street without anybody in it, in any light. */
export class Backdrop {
  readonly #camera: Camera;
  readonly #painted: ReadonlyMap<LightKey, Planes>;
  readonly #current: Planes;
  /** For each strip the step of the light it was mixed for. */
  readonly #steps: number[] = Array.from({ length: STRIPS }, () => -1);

  private constructor(camera: Camera, painted: ReadonlyMap<LightKey, Planes>) {
    this.#camera = camera;
    this.#painted = painted;
    this.#current = emptyPlanes(camera);
  }

  /** Paints the street for the given times of day. */
  static async create(camera: Camera, plan: Plan, random: Random, keys: readonly LightKey[]): Promise<Backdrop> {
    const painted = await Promise.all(
      keys.map(async (key) => {
        const rgba = await rasterise(
          paint(new Painter(camera, key), plan, random),
          { x: 0, y: 0, width: camera.width, height: camera.height },
          camera.width,
          camera.height,
        );
        return [key, toPlanes(rgba, camera)] as const;
      }),
    );
    return new Backdrop(camera, new Map(painted));
  }

  /** Covers the whole picture. @param level of the light */
  draw(canvas: Canvas, level: number): void {
    const { height } = this.#camera;
    for (let strip = 0; strip < STRIPS; strip += 1) {
      const step = Math.floor(level * STEPS + strip / STRIPS);
      if (this.#steps[strip] === step) continue;
      this.#steps[strip] = step;
      const from = evenRow((height * strip) / STRIPS);
      this.#mix(step, from, strip === STRIPS - 1 ? height : evenRow((height * (strip + 1)) / STRIPS));
    }
    for (const plane of [0, 1, 2] as const) {
      const [columns, rows] = planeSize(this.#camera, plane);
      copyRows(this.#current[plane], columns, canvas.planes[plane], canvas.strides[plane], rows);
    }
  }

  /** Mixes the rows for a step of the light. @param from even */
  #mix(step: number, from: number, to: number): void {
    const below = Math.min(Math.floor(step / STEPS), LIGHT_KEYS.length - 1);
    const share = Math.round((step / STEPS - below) * 256);
    const a = this.#painted.get(LIGHT_KEYS[below] ?? 'night');
    const b = this.#painted.get(LIGHT_KEYS[below + 1] ?? 'night') ?? a;
    if (a === undefined || b === undefined) throw new Error(`The light at step ${step} was not painted`);
    for (const plane of [0, 1, 2] as const) {
      const [columns] = planeSize(this.#camera, plane);
      const [first, last] = plane === 0 ? [from, to] : [from >> 1, (to + 1) >> 1];
      mixBytes(a[plane], b[plane], share, this.#current[plane], first * columns, last * columns);
    }
  }
}

function paint(p: Painter, plan: Plan, random: Random): string {
  return [
    paintSky(p, random.fork('sky')),
    paintGround(p, plan, random.fork('ground')),
    paintSideTrees(p, plan),
    paintFacades(p, plan, random.fork('facades')),
    paintTrees(p, plan),
    paintForeground(p, plan, random.fork('foreground')),
    paintLamplight(p, plan),
  ].join('');
}

function evenRow(row: number): number {
  return Math.round(row / 2) * 2;
}

function planeSize({ width, height }: Camera, plane: 0 | 1 | 2): [columns: number, rows: number] {
  return plane === 0 ? [width, height] : [(width + 1) >> 1, (height + 1) >> 1];
}

function emptyPlanes(camera: Camera): Planes {
  return ([0, 1, 2] as const).map((plane) => {
    const [columns, rows] = planeSize(camera, plane);
    return Buffer.alloc(columns * rows);
  }) as unknown as Planes;
}

function mixBytes(a: Buffer, b: Buffer, share: number, into: Buffer, from: number, to: number): void {
  if (share === 0) {
    a.copy(into, from, from, to);
    return;
  }
  const rest = 256 - share;
  for (let i = from; i < to; i += 1) into[i] = (a[i]! * rest + b[i]! * share + 128) >> 8;
}

function copyRows(source: Buffer, columns: number, target: Uint8Array, stride: number, rows: number): void {
  if (stride === columns) {
    source.copy(target, 0, 0, columns * rows);
    return;
  }
  for (let row = 0; row < rows; row += 1) source.copy(target, row * stride, row * columns, (row + 1) * columns);
}

/** Opaque RGBA into limited-range BT.709; a chroma sample is the mean of what it covers. */
function toPlanes(rgba: Uint8Array, camera: Camera): Planes {
  const { width, height } = camera;
  const planes = emptyPlanes(camera);
  const [luma, planeU, planeV] = planes;
  for (let i = 0, p = 0; i < width * height; i += 1, p += 4) {
    luma[i] = Math.round(16 + LUMA[0] * rgba[p]! + LUMA[1] * rgba[p + 1]! + LUMA[2] * rgba[p + 2]!);
  }
  const [columns, rows] = planeSize(camera, 1);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let [red, green, blue] = [0, 0, 0];
      for (let corner = 0; corner < 4; corner += 1) {
        const x = Math.min(width - 1, column * 2 + (corner & 1));
        const y = Math.min(height - 1, row * 2 + (corner >> 1));
        const p = (y * width + x) * 4;
        red += rgba[p]! / 4;
        green += rgba[p + 1]! / 4;
        blue += rgba[p + 2]! / 4;
      }
      planeU[row * columns + column] = Math.round(128 + BLUE[0] * red + BLUE[1] * green + BLUE[2] * blue);
      planeV[row * columns + column] = Math.round(128 + RED[0] * red + RED[1] * green + RED[2] * blue);
    }
  }
  return planes;
}
