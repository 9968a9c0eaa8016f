import { z } from 'zod';
import { doubleArea, meetsItself } from './geometry.ts';

/** Zones, and lines, of one stream at most. */
export const MAX_SHAPES = 32;
const MAX_CORNERS = 64;
/** Below this share of the frame a zone has no inside worth the name. */
const LEAST_AREA = 1e-5;
/** Below this length, as a fraction of the frame, a line has no sides. */
const LEAST_LENGTH = 1e-3;

const Fraction = z.number().min(0).max(1);

/** `[x, y]` as fractions of the frame. */
export const FramePoint = z.tuple([Fraction, Fraction]);

/** The point of a box that counts: the middle of its lower edge, where things stand, or its centre. */
export const Anchor = z.enum(['bottom', 'center']);
export type Anchor = z.infer<typeof Anchor>;

/** Of a zone or line, in any script. It begins with a letter or digit: it is a key of JSON objects. */
const ShapeName = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} _.,:/()+#&-]{0,59}$/u, 'Must be 1 to 60 letters, digits, spaces and any of _ . , : / ( ) + # & -, starting with a letter or digit.');

const common = {
  name: ShapeName,
  /** Labels that count; left out, all do. */
  classes: z.array(z.string().min(1).max(100)).min(1).max(1000).optional(),
  anchor: Anchor.optional(),
};

/** An area of the frame, of which is known who is in it and for how long. */
export const Zone = z.strictObject({
  ...common,
  /** Its corners, in order. */
  points: z
    .array(FramePoint)
    .min(3)
    .max(MAX_CORNERS)
    .superRefine((points, context) => {
      if (points.length < 3) return;
      if (meetsItself(points)) context.addIssue({ code: 'custom', message: 'Must not cross or touch itself.' });
      else if (Math.abs(doubleArea(points)) / 2 < LEAST_AREA) context.addIssue({ code: 'custom', message: 'Must enclose an area.' });
    }),
  /** Who stays for less, in ms, has not been in it. */
  minDwellMs: z.number().int().min(0).max(3_600_000).optional(),
});
export type Zone = z.infer<typeof Zone>;

/** A line that is crossed: `in` to the right of somebody who walks from `from` to `to`, `out` to the left. */
export const Line = z
  .strictObject({ ...common, from: FramePoint, to: FramePoint })
  .refine(({ from, to }) => Math.hypot(to[0] - from[0], to[1] - from[1]) >= LEAST_LENGTH, { path: ['to'], message: 'Must not be where “from” is.' });
export type Line = z.infer<typeof Line>;

/** No name twice. */
export const Zones = z.array(Zone).max(MAX_SHAPES).superRefine(namedOnce);
export const Lines = z.array(Line).max(MAX_SHAPES).superRefine(namedOnce);

function namedOnce(shapes: readonly { name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { name }] of shapes.entries()) {
    if (seen.has(name)) context.addIssue({ code: 'custom', path: [index, 'name'], message: `The name “${name}” is taken.` });
    seen.add(name);
  }
}
