import { mix, type Rgb } from './colour.ts';
import type { SceneOptions } from './options.ts';

/** Times of day that are painted; those between are mixed. */
export const LIGHT_KEYS = ['day', 'golden', 'dusk', 'night'] as const;
export type LightKey = (typeof LIGHT_KEYS)[number];

/** How a time of day looks. */
export interface LightLook {
  /** Factors of red, green and blue on everything that does not shine itself. */
  readonly ambient: Rgb;
  /** How strongly lamps shine, 0…1. */
  readonly glow: number;
  /** How dark shadows are, 0…1. */
  readonly shadow: number;
  /** Metres that a shadow reaches to the right for a metre of height. */
  readonly slant: number;
}

const LOOKS: Record<LightKey, LightLook> = {
  day: { ambient: [1, 1, 1], glow: 0, shadow: 0.42, slant: 0.35 },
  golden: { ambient: [1.02, 0.86, 0.72], glow: 0.12, shadow: 0.4, slant: 0.9 },
  dusk: { ambient: [0.66, 0.6, 0.74], glow: 0.8, shadow: 0.28, slant: 0.2 },
  night: { ambient: [0.4, 0.45, 0.62], glow: 1, shadow: 0.34, slant: 0.1 },
};

/** Seconds of the scene's time for a whole day. */
const DAY_LENGTH = 240;

/** Share of a day at which a level is reached; between two the light changes evenly. */
const COURSE: readonly (readonly [share: number, level: number])[] = [
  [0, 0],
  [0.26, 0],
  [0.38, 1],
  [0.5, 2],
  [0.6, 3],
  [0.82, 3],
  [0.9, 2],
  [0.95, 1],
  [1, 0],
];

/**
 * The light at a time of the scene, as a level: 0 is the first of `LIGHT_KEYS`, 3 the last, with everything between.
 *
 * @param time seconds since the scene began
 */
export function lightLevel(light: SceneOptions['light'], time: number): number {
  if (light !== 'cycle') return LIGHT_KEYS.indexOf(light);
  const share = (time / DAY_LENGTH + 0.14) % 1;
  const next = COURSE.findIndex(([at]) => at > share);
  const [from, level] = COURSE[next - 1] ?? [0, 0];
  const [to, target] = COURSE[next] ?? [1, 0];
  return level + ((target - level) * (share - from)) / (to - from);
}

/** The look of a level. */
export function lookAt(level: number): LightLook {
  const below = Math.min(Math.floor(level), LIGHT_KEYS.length - 1);
  const share = level - below;
  const a = LOOKS[LIGHT_KEYS[below] ?? 'night'];
  const b = LOOKS[LIGHT_KEYS[below + 1] ?? 'night'];
  const between = (from: number, to: number): number => from + (to - from) * share;
  return {
    ambient: mix(a.ambient, b.ambient, share),
    glow: between(a.glow, b.glow),
    shadow: between(a.shadow, b.shadow),
    slant: between(a.slant, b.slant),
  };
}

/** Which keys a scene of this light needs. */
export function keysOf(light: SceneOptions['light']): readonly LightKey[] {
  return light === 'cycle' ? LIGHT_KEYS : [light];
}
