/**
 * Where things are in the world. Metres: x to the right, y up, z away from the viewer, who stands on a balcony above the near pavement
 * and looks across the street. Traffic keeps right, so near lanes go to the right and far lanes to the left.
 */

/** The ground from front to back. */
export const NEAR_KERB = 12.6;
export const FAR_KERB = 28.8;
export const FACADE = 32.8;
/** The line between the two directions. */
export const MIDDLE = 20.8;
/** Broken lines between lanes of one direction. */
export const LANE_LINES = [17.6, 24.0] as const;
/** Solid lines beside the cycle lanes. */
export const CYCLE_LINES = [14.4, 27.2] as const;

export type Direction = 1 | -1;

/** A lane: z is where the wheels on the viewer's side touch the ground. */
export interface Lane {
  readonly z: number;
  readonly direction: Direction;
  readonly use: 'motor' | 'cycle';
  /** Metres a second that are usual here. */
  readonly speed: number;
}

export const LANES: readonly Lane[] = [
  { z: 13.3, direction: 1, use: 'cycle', speed: 4.6 },
  { z: 15.0, direction: 1, use: 'motor', speed: 7.6 },
  { z: 18.2, direction: 1, use: 'motor', speed: 8.8 },
  { z: 21.4, direction: -1, use: 'motor', speed: 8.8 },
  { z: 24.6, direction: -1, use: 'motor', speed: 7.8 },
  { z: 27.8, direction: -1, use: 'cycle', speed: 4.8 },
];

/** Where people walk on each side, from and to. */
export const NEAR_WALK = [9.4, 12.1] as const;
export const FAR_WALK = [29.3, 32.0] as const;

/** Width of the zebra crossing. */
export const ZEBRA_WIDTH = 4.2;
/** From the edge of the crossing to the line where vehicles wait. */
export const STOP_DISTANCE = 1.8;
/** Width of the side street on the far side. */
export const SIDE_STREET_WIDTH = 9;

/** What one seed places where. */
export interface StreetPlan {
  /** x of the middle of the zebra crossing. */
  readonly zebraX: number;
  /** x of the middle of the side street. */
  readonly sideStreetX: number;
}
