import { rgb, type Rgb } from '../colour.ts';
import type { Random } from '../random.ts';
import type { Artwork, Palette } from '../template.ts';

export type VehicleLabel = 'car' | 'bus' | 'truck';

/** A kind of vehicle, facing right; lengths in the drawing in centimetres. */
export interface VehicleModel {
  readonly label: VehicleLabel;
  /** How common it is among all. */
  readonly weight: number;
  /** Metres. */
  readonly length: number;
  readonly wheels: readonly { readonly x: number; readonly r: number }[];
  /** Where brake lights shine, and where the beam of the headlights begins. */
  readonly brake: readonly [x: number, y: number];
  readonly beam: readonly [x: number, y: number];
  readonly palette: (random: Random) => Palette;
  readonly artwork: Artwork;
}

/** Usual paints, white and greys most. */
export const CAR_PAINT = [
  '#eef0ee',
  '#e4e2dc',
  '#b9bfc4',
  '#7f8890',
  '#3f464e',
  '#2a2e34',
  '#b02f2a',
  '#d9532c',
  '#1f4e79',
  '#3d7ea6',
  '#2f6b55',
  '#7c8f4e',
  '#e3b23c',
  '#6d3b4f',
  '#c9b79c',
  '#88b7b5',
].map(rgb) as [Rgb, ...Rgb[]];
