import type { Problem } from '../pipeline/media/info.ts';

/**
 * - `idle`: on demand, and nobody watches
 * - `connecting`: its process starts, its source is being opened, or a publisher is awaited
 * - `live`: frames come
 * - `stalled`: the source is open, but no new frame comes
 * - `retrying`: something broke; the next attempt is due at `retryAt`
 * - `failed`: only what trying again soon can't mend
 * - `stopped`: a file that played once, or a stream that was removed
 */
export const STREAM_STATES = ['idle', 'connecting', 'live', 'stalled', 'retrying', 'failed', 'stopped'] as const;
export type StreamState = (typeof STREAM_STATES)[number];

/** Where a stream stands, and why. */
export interface StreamStatus {
  readonly state: StreamState;
  readonly problem?: Problem;
  /** When the next attempt starts: milliseconds since the epoch. */
  readonly retryAt?: number;
}
