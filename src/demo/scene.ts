import type { FrameId } from '../pipeline/frame.ts';
import { Backdrop } from './backdrop.ts';
import { blit, type Canvas } from './blit.ts';
import { Camera } from './camera.ts';
import { castFor, type Cast } from './cast.ts';
import { Coverage } from './coverage.ts';
import { keysOf, lightLevel } from './light.ts';
import { SceneOptions } from './options.ts';
import { planStreet, type Plan } from './plan.ts';
import { Random } from './random.ts';
import { Stage, type Placement, type SceneLabel } from './stage.ts';
import { writeTimecode } from './timecode.ts';
import { World } from './world.ts';

/** Something in the picture that a detector should find. */
export interface SceneObject {
  readonly label: SceneLabel;
  /** The same as long as it is in the scene; nobody else's ever. */
  readonly track: number;
  /** `[x, y, width, height]` as fractions of the frame: around its opaque pixels inside the frame, hidden ones included. */
  readonly box: [number, number, number, number];
  /** Share of its pixels that are inside the frame and behind nothing else, 0…1. */
  readonly visibility: number;
}

/** Objects of which less is to be seen are not part of the truth. */
const LEAST_VISIBILITY = 0.25;
/** Nor are objects that are lower: pixels. */
const LEAST_HEIGHT = 8;

type Planes = readonly [Uint8Array, Uint8Array, Uint8Array];
type Strides = readonly [number, number, number];

/**
 * A generated street with the truth about it. Frame N of a seed (at one size, frame rate and density) is the same picture with the same
 * truth in every run; the scene's time is the frame's number by the frame rate.
 *
 * Pictures are planar YUV 4:2:0 of 8 bit, BT.709 in limited range.
 */
export class StreetScene {
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
  readonly #options: SceneOptions;
  readonly #plan: Plan;
  readonly #camera: Camera;
  readonly #backdrop: Backdrop;
  readonly #stage: Stage;
  readonly #coverage: Coverage;
  #world: World;
  #closed = false;

  private constructor(options: SceneOptions, camera: Camera, plan: Plan, parts: { backdrop: Backdrop; cast: Cast }) {
    this.width = options.width;
    this.height = options.height;
    this.fps = options.fps;
    this.#options = options;
    this.#plan = plan;
    this.#camera = camera;
    this.#backdrop = parts.backdrop;
    this.#stage = new Stage(camera, parts.cast, plan);
    this.#coverage = new Coverage(options.width, options.height);
    this.#world = new World(options, plan, camera);
  }

  /**
   * Builds the street and rasterises everything in it.
   *
   * @throws ZodError where an option is not allowed
   */
  static async create(options: SceneOptions): Promise<StreetScene> {
    const checked = SceneOptions.parse(options);
    const camera = new Camera(checked.width, checked.height);
    const random = new Random(checked.seed);
    const plan = planStreet(random.fork('plan'));
    const [backdrop, cast] = await Promise.all([Backdrop.create(camera, plan, random.fork('backdrop'), keysOf(checked.light)), castFor(camera)]);
    return new StreetScene(checked, camera, plan, { backdrop, cast });
  }

  /**
   * Draws a frame over whatever the planes hold. Frames in rising order are cheap; a frame before the last one makes the scene start
   * again and run up to it.
   *
   * @param frame its number; `without` leaves out who has one of these tracks, shadows and lights excepted: what an object contributes
   * to a picture can be seen that way
   * @param planes Y, U and V, at least as large as the size and the strides say
   * @param strides bytes from one row of a plane to the next
   * @returns what is to be found in this frame
   */
  render(frame: { readonly index: number; readonly without?: ReadonlySet<number> }, planes: Planes, strides: Strides): SceneObject[] {
    if (this.#closed) throw new Error('The scene is closed');
    this.#moveTo(frame.index);
    const canvas: Canvas = { width: this.width, height: this.height, planes, strides };
    const level = lightLevel(this.#options.light, frame.index / this.fps);
    this.#backdrop.draw(canvas, level);
    this.#coverage.reset();
    const found: { placement: Placement; thing: number }[] = [];
    for (const placement of this.#stage.place(this.#world, level)) {
      const { sprite, x, y, is, hides } = placement;
      if (is !== undefined && frame.without?.has(is.track) === true) continue;
      blit(canvas, sprite, x, y);
      if (is !== undefined) found.push({ placement, thing: this.#coverage.add(sprite, x, y) });
      else if (hides) this.#coverage.hide(sprite, x, y);
    }
    return found.flatMap(({ placement, thing }) => this.#truthOf(placement, this.#coverage.unhidden(thing)) ?? []);
  }

  /** Draws the frame's number and time into the top left corner. */
  drawTimecode(id: FrameId, planes: Planes, strides: Strides): void {
    writeTimecode(id, planes, strides, this.width, this.height);
  }

  /** Idempotent. Nothing can be rendered afterwards. */
  close(): void {
    this.#closed = true;
  }

  #moveTo(index: number): void {
    if (index < this.#world.index) this.#world = new World(this.#options, this.#plan, this.#camera);
    while (this.#world.index < index) this.#world.advance();
  }

  #truthOf({ sprite, x, y, is }: Placement, unhidden: number): SceneObject | undefined {
    const { width, height } = this;
    const whole = sprite.bounds;
    if (is === undefined || whole === undefined) return undefined;
    let bounds: typeof whole | undefined = whole;
    let inside = 1;
    if (x + whole.left < 0 || y + whole.top < 0 || x + whole.right > width || y + whole.bottom > height) {
      const part = {
        left: Math.max(0, -x),
        top: Math.max(0, -y),
        right: Math.min(sprite.width, width - x),
        bottom: Math.min(sprite.height, height - y),
      };
      if (part.left >= part.right || part.top >= part.bottom) return undefined;
      bounds = sprite.boundsWithin(part);
      inside = sprite.areaWithin(part) / sprite.area;
    }
    const visibility = inside * unhidden;
    if (bounds === undefined || visibility < LEAST_VISIBILITY || bounds.bottom - bounds.top < LEAST_HEIGHT) return undefined;
    const box: SceneObject['box'] = [
      (x + bounds.left) / width,
      (y + bounds.top) / height,
      (bounds.right - bounds.left) / width,
      (bounds.bottom - bounds.top) / height,
    ];
    return { label: is.label, track: is.track, box, visibility };
  }
}
