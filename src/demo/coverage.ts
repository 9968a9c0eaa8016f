import { OPAQUE, type Sprite } from './sprite.ts';

/** Cells that nobody owns, or something that is not counted. */
const NOBODY = -1;

/**
 * Finds out how much of each thing can be seen, by laying the things over each other in a raster of cells in the order in which they
 * are drawn.
 */
export class Coverage {
  readonly #width: number;
  readonly #height: number;
  /** Pixels from one cell to the next. */
  readonly #step: number;
  readonly #owners: Int16Array;
  #covered: number[] = [];
  #visible: number[] = [];

  constructor(width: number, height: number) {
    this.#step = Math.max(1, Math.round(height / 360));
    this.#width = Math.ceil(width / this.#step);
    this.#height = Math.ceil(height / this.#step);
    this.#owners = new Int16Array(this.#width * this.#height);
  }

  /** Starts a new frame. */
  reset(): void {
    this.#owners.fill(NOBODY);
    this.#covered = [];
    this.#visible = [];
  }

  /** Lays a thing over what is there. @returns its number in this frame, for `unhidden` */
  add(sprite: Sprite, x: number, y: number): number {
    const thing = this.#covered.length;
    this.#covered.push(0);
    this.#visible.push(0);
    this.#lay(sprite, x, y, thing);
    return thing;
  }

  /** Lays something over what is there that is not itself asked about. */
  hide(sprite: Sprite, x: number, y: number): void {
    this.#lay(sprite, x, y, NOBODY);
  }

  /** Which share of the thing's cells inside the frame nothing lies over, 0…1. */
  unhidden(thing: number): number {
    const covered = this.#covered[thing] ?? 0;
    return covered === 0 ? 0 : (this.#visible[thing] ?? 0) / covered;
  }

  #lay(sprite: Sprite, x: number, y: number, thing: number): void {
    const step = this.#step;
    const { width, height, alpha } = sprite;
    const firstColumn = Math.max(0, Math.ceil(x / step));
    const lastColumn = Math.min(this.#width, Math.ceil((x + width) / step));
    let count = 0;
    for (let row = Math.max(0, Math.ceil(y / step)); row < Math.min(this.#height, Math.ceil((y + height) / step)); row += 1) {
      const line = (row * step - y) * width - x;
      for (let column = firstColumn; column < lastColumn; column += 1) {
        if (alpha[line + column * step]! < OPAQUE) continue;
        const cell = row * this.#width + column;
        const owner = this.#owners[cell]!;
        if (owner !== NOBODY) this.#visible[owner]! -= 1;
        this.#owners[cell] = thing;
        count += 1;
      }
    }
    if (thing === NOBODY) return;
    this.#covered[thing] = count;
    this.#visible[thing]! += count;
  }
}
