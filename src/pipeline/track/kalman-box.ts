import type { Box } from '../annotation.ts';

/** The unit of time that the noise is given for: a frame at 30 a second, in milliseconds. */
const STEP_MS = 1000 / 30;
/** Standard deviations as shares of the box's height: where a detector puts a box, how it moves, how its motion changes. */
const MEASURED = 1 / 20;
const POSITION = 1 / 20;
const VELOCITY = 1 / 160;

/** Where a coordinate's numbers lie in the state: position, velocity, and their covariance. */
const [POS, VEL, PP, PV, VV] = [0, 1, 2, 3, 4] as const;
const AXIS = 5;
/** Where the coordinates' numbers begin. */
const [CX, CY, W, H] = [0, AXIS, 2 * AXIS, 3 * AXIS] as const;

/**
 * A box under constant velocity: centre x, centre y, width and height, each with its own two-state Kalman filter. ByteTrack's
 * eight-state filter has no term between coordinates, so that it falls apart into these four (Zhang et al., ECCV 2022; Wojke et al.,
 * ICIP 2017). Unlike theirs it steps by time, not by frames.
 */
export class KalmanBox {
  /** One array, because numbers of objects are objects too: a crowd would leave much to collect with every frame. */
  readonly #state = new Float64Array(4 * AXIS);
  #at: number;

  /** @param at milliseconds */
  constructor([x, y, width, height]: Box, at: number) {
    this.#at = at;
    this.#begin(CX, x + width / 2, height);
    this.#begin(CY, y + height / 2, height);
    this.#begin(W, width, height);
    this.#begin(H, height, height);
  }

  /** The box at a time, without changing anything; it grows to twice and shrinks to half of its size at most. */
  boxAt(at: number): Box {
    const state = this.#state;
    const dt = (at - this.#at) / STEP_MS;
    const width = this.#sizeAt(W, dt);
    const height = this.#sizeAt(H, dt);
    return [state[CX + POS]! + state[CX + VEL]! * dt - width / 2, state[CY + POS]! + state[CY + VEL]! * dt - height / 2, width, height];
  }

  /** Takes a detection at a time not before the last. */
  update([x, y, width, height]: Box, at: number): void {
    const dt = Math.max(0, (at - this.#at) / STEP_MS);
    this.#correct(CX, x + width / 2, height, dt);
    this.#correct(CY, y + height / 2, height, dt);
    this.#correct(W, width, height, dt);
    this.#correct(H, height, height, dt);
    this.#at = at;
  }

  #begin(axis: number, position: number, height: number): void {
    const state = this.#state;
    state[axis + POS] = position;
    state[axis + PP] = (2 * POSITION * height) ** 2;
    state[axis + VV] = (10 * VELOCITY * height) ** 2;
  }

  /** Predicts one coordinate and corrects it by what was measured. */
  #correct(axis: number, measured: number, height: number, dt: number): void {
    const state = this.#state;
    const velocity = state[axis + VEL]!;
    const position = state[axis + POS]! + velocity * dt;
    const vv = state[axis + VV]!;
    const pp = state[axis + PP]! + (dt * (2 * state[axis + PV]! + dt * vv) + dt * (POSITION * height) ** 2);
    const pv = state[axis + PV]! + dt * vv;
    const innovation = pp + (MEASURED * height) ** 2;
    const gainPosition = pp / innovation;
    const gainVelocity = pv / innovation;
    const residual = measured - position;
    state[axis + POS] = position + gainPosition * residual;
    state[axis + VEL] = velocity + gainVelocity * residual;
    state[axis + VV] = vv + dt * (VELOCITY * height) ** 2 - gainVelocity * pv;
    state[axis + PV] = pv - gainPosition * pv;
    state[axis + PP] = pp - gainPosition * pp;
  }

  #sizeAt(axis: number, dt: number): number {
    const position = this.#state[axis + POS]!;
    return Math.min(2 * position, Math.max(position / 2, position + this.#state[axis + VEL]! * dt));
  }
}
