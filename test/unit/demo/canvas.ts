import assert from 'node:assert/strict';
import type { SceneOptions } from '../../../src/demo/options.ts';
import type { SceneObject, StreetScene } from '../../../src/demo/scene.ts';

const CANARY = 0xa5;
/** Bytes around the planes and after each row that nobody may touch. */
const GUARD = 37;

export const SMALL: SceneOptions = { seed: 7, timecode: false, width: 320, height: 180, fps: 30, light: 'day', density: 0.7 };

type Three<T> = readonly [T, T, T];

/** A picture whose surroundings are watched. */
export class GuardedCanvas {
  readonly width: number;
  readonly height: number;
  readonly planes: Three<Uint8Array>;
  readonly strides: Three<number>;
  readonly #memory: Three<Uint8Array>;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    const rows = [height, (height + 1) >> 1, (height + 1) >> 1] as const;
    const columns = [width, (width + 1) >> 1, (width + 1) >> 1] as const;
    this.strides = columns.map((count, i) => count + 3 + i) as unknown as Three<number>;
    this.#memory = rows.map((count, i) => new Uint8Array(GUARD * 2 + count * (this.strides[i] ?? 0)).fill(CANARY)) as unknown as Three<Uint8Array>;
    this.planes = this.#memory.map((memory) => memory.subarray(GUARD, memory.length - GUARD)) as unknown as Three<Uint8Array>;
  }

  draw(scene: StreetScene, index: number, without?: ReadonlySet<number>): SceneObject[] {
    return scene.render(without === undefined ? { index } : { index, without }, this.planes, this.strides);
  }

  /** A copy of the pixels alone. */
  pixels(): Buffer {
    const rows = this.planes.flatMap((plane, i) => {
      const [columns, count] = i === 0 ? [this.width, this.height] : [(this.width + 1) >> 1, (this.height + 1) >> 1];
      const stride = this.strides[i] ?? 0;
      return Array.from({ length: count }, (_, row) => plane.slice(row * stride, row * stride + columns));
    });
    return Buffer.concat(rows);
  }

  assertUntouchedOutside(): void {
    this.#memory.forEach((memory, i) => {
      const columns = i === 0 ? this.width : (this.width + 1) >> 1;
      const stride = this.strides[i] ?? 1;
      memory.forEach((value, at) => {
        const inside = at >= GUARD && at < memory.length - GUARD && (at - GUARD) % stride < columns;
        if (!inside && value !== CANARY) assert.fail(`byte ${at} of plane ${i} lies outside the picture and was written`);
      });
    });
  }
}
