import type { Problem } from '../pipeline/media/info.ts';

/**
 * - `idle`: on demand, and not needed
 * - `connecting`: its process starts, its source is being opened, or a publisher is awaited
 * - `live`: frames arrive
 * - `stalled`: the source is open, but no new frame arrives
 * - `retrying`: an error occurred; the next attempt starts at `retryAt`
 * - `failed`: a permanent error
 * - `stopped`: a file that played once, or a stream that was removed
 */
export const STREAM_STATES = ['idle', 'connecting', 'live', 'stalled', 'retrying', 'failed', 'stopped'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** The state of a stream, with its reason. */
export interface StreamStatus {
  readonly state: StreamState;
  readonly problem?: Problem;
  /** Start of the next attempt: milliseconds since the epoch. */
  readonly retryAt?: number;
}
