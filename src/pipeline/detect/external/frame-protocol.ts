import { z } from 'zod';
import { Box } from '../../annotation.ts';
import { Endpoint } from './endpoint.ts';
import { FrameChoice, LIMITS } from './wire.ts';

/**
 * What stream processes and the process of external detectors say to each other over a unix socket, in the framing of
 * `../protocol.ts`. One connection serves one detector of one stream. A frame is only sent where one was wanted: what nobody has time
 * for is never scaled.
 */

/** Bytes of the largest picture. */
export const MAX_PICTURE = LIMITS.side * LIMITS.side * 3;

const Problem = z.strictObject({ code: z.string(), message: z.string() });

/** Stream process → process of external detectors. */
export const LinkRequest = z.discriminatedUnion('type', [
  /** Sent first. */
  z.strictObject({ type: z.literal('open'), stream: z.string(), detector: z.string(), endpoint: Endpoint }),
  /** Answers a `want`. The payload is the picture: RGB, 8 bit, packed, rows from top to bottom. */
  z.strictObject({
    type: z.literal('frame'),
    /** Of the `want`; comes back with what becomes of the frame. */
    id: z.int().nonnegative(),
    seq: z.int().nonnegative(),
    rtp: z.int().nonnegative(),
    capturedAt: z.number(),
    /** Pixels of the picture. */
    width: z.int().positive(),
    height: z.int().positive(),
    /** Pixels of the whole frame. */
    source: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    /** The part of the frame that the picture shows, as fractions of the frame. */
    region: Box,
  }),
]);
export type LinkRequest = z.infer<typeof LinkRequest>;

/**
 * - `waiting`: there is nobody who takes frames
 * - `ready`: frames are taken
 * - `failed`: the endpoint gives no usable answer; it is tried again
 */
export const PoolState = z.enum(['waiting', 'ready', 'failed']);
export type PoolState = z.infer<typeof PoolState>;

/** Process of external detectors → stream process. */
export const LinkAnswer = z.discriminatedUnion('type', [
  /** After `open`, and after each change. */
  z.strictObject({ type: z.literal('state'), state: PoolState, workers: z.int().nonnegative(), error: Problem.optional() }),
  /** Somebody is free: the next frame is taken, in this size. */
  z.strictObject({ type: z.literal('want'), id: z.int().nonnegative(), ...FrameChoice.pick({ width: true, height: true, resize: true }).shape }),
  /** Whoever was free is gone. A frame that is on its way is answered with `lost`. */
  z.strictObject({ type: z.literal('unwant'), id: z.int().nonnegative() }),
  z.strictObject({
    type: z.literal('result'),
    id: z.int().nonnegative(),
    /** `box` as fractions of the picture, clipped to it. */
    detections: z.array(z.strictObject({ label: z.string(), score: z.number(), box: Box })),
    /** Milliseconds from when the worker was given the frame to its answer. */
    workMs: z.number(),
  }),
  z.strictObject({ type: z.literal('lost'), id: z.int().nonnegative(), reason: z.string() }),
  /** The connection is about to be closed. */
  z.strictObject({ type: z.literal('error'), message: z.string() }),
]);
export type LinkAnswer = z.infer<typeof LinkAnswer>;
