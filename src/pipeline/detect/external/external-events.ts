import { z } from 'zod';
import { PoolState } from './frame-protocol.ts';

/** How the process of external detectors is to run: its one command-line argument, as JSON. */
export const ExternalOptions = z.strictObject({
  /** Path of the unix socket that it listens on. */
  socket: z.string().min(1),
});
export type ExternalOptions = z.infer<typeof ExternalOptions>;

/** Control process → process of external detectors. */
export const ExternalCommand = z.discriminatedUnion('type', [
  /** A worker has asked for a WebSocket, and may have it. Comes with the TCP connection itself; is told by `arrived`, and not read from before `answer`. */
  z.strictObject({
    type: z.literal('worker'),
    id: z.int(),
    detector: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    /** What came after the request already. */
    head: z.instanceof(Uint8Array),
  }),
  /** The control process reads from the connection no more: what its worker says now is for this one. */
  z.strictObject({ type: z.literal('answer'), id: z.int() }),
  /** The detectors that workers may connect to; workers of all others are sent away. */
  z.strictObject({ type: z.literal('detectors'), names: z.array(z.string()) }),
  z.strictObject({ type: z.literal('stop') }),
]);
export type ExternalCommand = z.infer<typeof ExternalCommand>;

/** What one external detector did in the last second. */
export const ExternalStats = z.strictObject({
  detector: z.string(),
  state: PoolState,
  workers: z.int(),
  /** Results. */
  fps: z.number(),
  /** Milliseconds from handing a frame to a worker to its answer, median of the last ones. */
  roundTripMs: z.number(),
  /** Frames without a result. */
  lost: z.int(),
  error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type ExternalStats = z.infer<typeof ExternalStats>;

/** Process of external detectors → control process. */
export const ExternalEvent = z.discriminatedUnion('type', [
  /** It listens. */
  z.strictObject({ type: z.literal('ready') }),
  /** It has the connection of a worker. */
  z.strictObject({ type: z.literal('arrived'), id: z.int() }),
  /** Once a second: the detectors that streams or workers are there for. */
  z.strictObject({ type: z.literal('stats'), detectors: z.array(ExternalStats) }),
]);
export type ExternalEvent = z.infer<typeof ExternalEvent>;
