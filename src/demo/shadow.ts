import { lookAt } from './light.ts';
import { Sprite } from './sprite.ts';

/** How many different shadows are kept; sizes repeat, because they are rounded. */
const MAX_KEPT = 256;
const LIGHT_STEPS = 24;

/** Soft dark patches on the ground. */
export class Shadows {
  readonly #kept = new Map<string, Sprite>();

  /** @param width pixels @param height pixels @param level of the light */
  sprite(width: number, height: number, level: number): Sprite {
    const w = Math.max(2, Math.round(width / 2) * 2);
    const h = Math.max(2, Math.round(height));
    const step = Math.floor(level * LIGHT_STEPS);
    const key = `${w} ${h} ${step}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    const sprite = new Sprite(
      { width: w, height: h, anchorX: w / 2, anchorY: h / 2, rgba: patch(w, h, lookAt(step / LIGHT_STEPS).shadow) },
      lookAt(0),
    );
    this.#kept.set(key, sprite);
    return sprite;
  }
}

function patch(width: number, height: number, strength: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row += 1) {
    const y = Math.abs((row + 0.5) / height - 0.5) * 2;
    for (let column = 0; column < width; column += 1) {
      const x = Math.abs((column + 0.5) / width - 0.5) * 2;
      // Squarer than an ellipse, and soft over its outer half.
      const distance = (x ** 3 + y ** 3) ** (1 / 3);
      const depth = Math.min(1, Math.max(0, (1 - distance) / 0.5));
      rgba[(row * width + column) * 4 + 3] = Math.round(255 * strength * depth * depth * (3 - 2 * depth));
    }
  }
  return rgba;
}
