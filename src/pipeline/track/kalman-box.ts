import type { Box } from '../annotation.ts';

/** The unit of time that the noise is given for: a frame at 30 a second, in milliseconds. */
const STEP_MS = 1000 / 30;
/** Standard deviations as shares of the box's height: where a detector puts a box, how it moves, how its motion changes. */
const MEASURED = 1 / 20;
const POSITION = 1 / 20;
const VELOCITY = 1 / 160;

/** Position and velocity of one coordinate with their covariance. */
interface Axis {
  position: number;
  velocity: number;
  pp: number;
  pv: number;
  vv: number;
}

/**
 * A box under constant velocity: centre x, centre y, width and height, each with its own two-state Kalman filter. ByteTrack's
 * eight-state filter has no term between coordinates, so that it falls apart into these four (Zhang et al., ECCV 2022; Wojke et al.,
 * ICIP 2017). Unlike theirs it steps by time, not by frames.
 */
export class KalmanBox {
  readonly #axes: [Axis, Axis, Axis, Axis];
  #at: number;

  /** @param at milliseconds */
  constructor(box: Box, at: number) {
    const height = box[3];
    this.#at = at;
    this.#axes = centred(box).map((position) => ({
      position,
      velocity: 0,
      pp: (2 * POSITION * height) ** 2,
      pv: 0,
      vv: (10 * VELOCITY * height) ** 2,
    })) as [Axis, Axis, Axis, Axis];
  }

  /** The box at a time, without changing anything; it grows to twice and shrinks to half of its size at most. */
  boxAt(at: number): Box {
    const dt = (at - this.#at) / STEP_MS;
    const [cx, cy, w, h] = this.#axes;
    const width = sizeAt(w, dt);
    const height = sizeAt(h, dt);
    return [cx.position + cx.velocity * dt - width / 2, cy.position + cy.velocity * dt - height / 2, width, height];
  }

  /** Takes a detection at a time not before the last. */
  update(box: Box, at: number): void {
    const dt = Math.max(0, (at - this.#at) / STEP_MS);
    const height = box[3];
    const measured = centred(box);
    this.#axes.forEach((axis, i) => {
      axis.position += axis.velocity * dt;
      axis.pp += dt * (2 * axis.pv + dt * axis.vv) + dt * (POSITION * height) ** 2;
      axis.pv += dt * axis.vv;
      axis.vv += dt * (VELOCITY * height) ** 2;
      const innovation = axis.pp + (MEASURED * height) ** 2;
      const [gainPosition, gainVelocity] = [axis.pp / innovation, axis.pv / innovation];
      const residual = measured[i]! - axis.position;
      axis.position += gainPosition * residual;
      axis.velocity += gainVelocity * residual;
      axis.vv -= gainVelocity * axis.pv;
      axis.pv -= gainPosition * axis.pv;
      axis.pp -= gainPosition * axis.pp;
    });
    this.#at = at;
  }
}

function sizeAt({ position, velocity }: Axis, dt: number): number {
  return Math.min(2 * position, Math.max(position / 2, position + velocity * dt));
}

function centred([x, y, width, height]: Box): [number, number, number, number] {
  return [x + width / 2, y + height / 2, width, height];
}
