import { lookAt } from './light.ts';
import { mirrored, resized } from './painted.ts';
import { Sprite } from './sprite.ts';
import type { Painted, Palette, Template } from './template.ts';

/** Steps of size in an octave, and of light in a level: too small to be seen. */
const SIZE_STEPS = 48;
const LIGHT_STEPS = 24;

interface Kept {
  readonly sizeStep: number;
  readonly lightStep: number;
  readonly painted: Painted;
  readonly sprite: Sprite;
}

/** One individual's looks: its colours, and its sprites in the sizes and the light they were last needed in. */
export class Figure {
  readonly #palette: Palette;
  /** So that not everybody changes with the light in the same frame. */
  readonly #phase: number;
  readonly #kept = new Map<Template, Map<boolean, Kept>>();

  /** @param phase 0…1, another one for each individual */
  constructor(palette: Palette, phase: number) {
    this.#palette = palette;
    this.#phase = phase;
  }

  /**
   * @param scale pixels for a metre
   * @param level of the light
   * @param mirror look to the left
   */
  sprite(template: Template, scale: number, level: number, mirror: boolean): Sprite {
    const sizeStep = Math.round(Math.log2(scale / template.scale) * SIZE_STEPS);
    const lightStep = Math.floor(level * LIGHT_STEPS + this.#phase);
    const sides = this.#kept.get(template) ?? new Map<boolean, Kept>();
    const known = sides.get(mirror);
    if (known?.sizeStep === sizeStep && known.lightStep === lightStep) return known.sprite;
    const painted = known?.sizeStep === sizeStep ? known.painted : this.#paint(template, sizeStep, mirror);
    const sprite = new Sprite(painted, lookAt(Math.min(3, lightStep / LIGHT_STEPS)));
    this.#kept.set(template, sides.set(mirror, { sizeStep, lightStep, painted, sprite }));
    return sprite;
  }

  #paint(template: Template, sizeStep: number, mirror: boolean): Painted {
    const painted = resized(template.paint(this.#palette), 2 ** (sizeStep / SIZE_STEPS));
    return mirror ? mirrored(painted) : painted;
  }
}
