import type { Camera } from '../camera.ts';
import { css, lit, mix, rgb, type Rgb } from '../colour.ts';
import { LIGHT_KEYS, lookAt, type LightKey, type LightLook } from '../light.ts';
import type { Point } from './shapes.ts';

/** Colours of the sky, from the zenith to the horizon, and of what is far away. */
export interface Sky {
  readonly top: string;
  readonly middle: string;
  readonly low: string;
  readonly haze: string;
  /** What window panes mirror. */
  readonly mirrored: string;
}

const SKIES: Record<LightKey, Sky> = {
  day: { top: '#6fb0df', middle: '#a9d3ec', low: '#e4f1f3', haze: '#c6dde6', mirrored: '#8fb4c9' },
  golden: { top: '#7d93bd', middle: '#f0b98a', low: '#ffe0b0', haze: '#eabf98', mirrored: '#e8b184' },
  dusk: { top: '#2f3466', middle: '#8a5c8c', low: '#f09a7a', haze: '#8f6a8a', mirrored: '#6a5a86' },
  night: { top: '#0a1026', middle: '#141d3d', low: '#2a3157', haze: '#20294a', mirrored: '#27345a' },
};

/** What the parts of the background are painted with: the camera and one time of day. Coordinates are pixels. */
export class Painter {
  readonly camera: Camera;
  readonly key: LightKey;
  readonly look: LightLook;
  readonly sky: Sky;

  constructor(camera: Camera, key: LightKey) {
    this.camera = camera;
    this.key = key;
    this.look = lookAt(LIGHT_KEYS.indexOf(key));
    this.sky = SKIES[key];
  }

  /** A colour in this light. @param shade darkens (below 1) or lightens first */
  c(colour: string | Rgb, shade = 1): string {
    const plain = typeof colour === 'string' ? rgb(colour) : colour;
    const shaded: Rgb = [plain[0] * shade, plain[1] * shade, plain[2] * shade];
    return css(lit(shaded, this.look.ambient));
  }

  /** A colour as it looks from afar. @param distance 0 is here, 1 is gone in the haze */
  far(colour: string, distance: number): string {
    return css(mix(lit(rgb(colour), this.look.ambient), rgb(this.sky.haze), distance));
  }

  /** A point of the world. */
  at(x: number, z: number, up = 0): Point {
    return [this.camera.x(x, z), this.camera.y(z, up)];
  }

  /** Length of design pixels: for strokes. */
  px(length: number): number {
    return length * this.camera.zoom;
  }
}
