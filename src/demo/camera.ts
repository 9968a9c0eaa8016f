/** Pixels for a metre at a distance of a metre, in a picture of the design's size. */
const FOCAL = 770;
/** Metres from the ground to the viewer's eye. */
const EYE = 5.8;
/** The design's size. */
const DESIGN_HEIGHT = 720;
const HORIZON = 180;
/** Limits of the width that is shown, in the design's pixels: beyond these, height is cropped or added instead. */
const NARROWEST = 560;
const WIDEST = 2600;
/** Share of the height which is cropped or added at the top. */
const TOP_SHARE = 0.6;

/** A pinhole camera that looks straight across the street: everything at one distance has one scale. */
export class Camera {
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture for one of the design's. */
  readonly zoom: number;
  /** Row of the horizon, pixels. */
  readonly horizon: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.zoom = Math.min(Math.max(height / DESIGN_HEIGHT, width / WIDEST), width / NARROWEST);
    this.horizon = (HORIZON - (DESIGN_HEIGHT - height / this.zoom) * TOP_SHARE) * this.zoom;
  }

  /** Pixels for a metre at distance z. */
  scale(z: number): number {
    return (FOCAL / z) * this.zoom;
  }

  /** Column of a point. */
  x(x: number, z: number): number {
    return this.width / 2 + x * this.scale(z);
  }

  /** Row of a point `up` metres above the ground. */
  y(z: number, up = 0): number {
    return this.horizon + (EYE - up) * this.scale(z);
  }

  /** Metres from the middle of the picture to its edge at distance z. */
  halfWidth(z: number): number {
    return this.width / 2 / this.scale(z);
  }

  /** The distance of the ground at the picture's lower edge. */
  get nearest(): number {
    return (EYE * FOCAL * this.zoom) / Math.max(1, this.height - this.horizon);
  }
}
