import type { Point } from './shapes.ts';

/** Lengths of a grown person of 172 cm, centimetres. */
export const THIGH = 42;
export const SHIN = 43;
export const UPPER_ARM = 28;
export const FOREARM = 26;
export const HIP = 88;
export const SHOULDER = 139;

/** A limb of two bones. */
export interface Limb {
  readonly root: Point;
  readonly joint: Point;
  readonly end: Point;
}

/** @param angle of the upper bone from straight down, forwards positive, radians; @param bend of the lower bone, likewise */
export function limb(root: Point, upper: number, lower: number, angle: number, bend: number): Limb {
  const joint: Point = [root[0] + Math.sin(angle) * upper, root[1] + Math.cos(angle) * upper];
  const end: Point = [joint[0] + Math.sin(angle + bend) * lower, joint[1] + Math.cos(angle + bend) * lower];
  return { root, joint, end };
}

/** A limb that reaches for a point. @param forward which way the joint bends */
export function reaching(root: Point, target: Point, upper: number, lower: number, forward: 1 | -1): Limb {
  const [dx, dy] = [target[0] - root[0], target[1] - root[1]];
  const distance = Math.min(Math.hypot(dx, dy), upper + lower - 0.01);
  const along = (upper ** 2 - lower ** 2 + distance ** 2) / (2 * distance);
  const aside = Math.sqrt(Math.max(0, upper ** 2 - along ** 2)) * forward;
  const [ux, uy] = [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)];
  return {
    root,
    joint: [root[0] + ux * along + uy * aside, root[1] + uy * along - ux * aside],
    end: [root[0] + ux * distance, root[1] + uy * distance],
  };
}

/** Poses of a walk, and one who stands. */
export const WALK_POSES = 12;
export const STANDING = WALK_POSES;

/** The legs and arms of a walker seen from the side, facing right. Near is the viewer's side. */
export interface Gait {
  readonly nearLeg: Limb;
  readonly farLeg: Limb;
  readonly nearArm: Limb;
  readonly farArm: Limb;
}

/** @param pose 0…11 of a cycle of two steps, 12 stands */
export function gait(pose: number): Gait {
  if (pose === STANDING) {
    return {
      nearLeg: limb([1, -HIP], THIGH, SHIN, 0.03, -0.06),
      farLeg: limb([-1, -HIP], THIGH, SHIN, 0.12, -0.1),
      nearArm: limb([0, -SHOULDER], UPPER_ARM, FOREARM, -0.05, 0.2),
      farArm: limb([0, -SHOULDER], UPPER_ARM, FOREARM, 0.1, 0.3),
    };
  }
  const phase = (pose / WALK_POSES) * 2 * Math.PI;
  const legs = [phase, phase + Math.PI].map((p) => {
    const swing = Math.max(0, Math.cos(p));
    return limb([0, -HIP], THIGH, SHIN, 0.06 + 0.44 * Math.sin(p), -(0.1 + 0.95 * swing ** 1.3));
  });
  const arms = [phase + Math.PI, phase].map((p) => {
    return limb([0, -SHOULDER], UPPER_ARM, FOREARM, 0.02 + 0.42 * Math.sin(p), 0.2 + 0.3 * Math.max(0, Math.sin(p)));
  });
  const [nearLeg, farLeg, nearArm, farArm] = [...legs, ...arms] as [Limb, Limb, Limb, Limb];
  return { nearLeg, farLeg, nearArm, farArm };
}

/** How far the body has to be moved down so that the lower foot stands on the ground. */
export function sink({ nearLeg, farLeg }: Pick<Gait, 'nearLeg' | 'farLeg'>): number {
  return -4 - Math.max(nearLeg.end[1], farLeg.end[1]);
}
