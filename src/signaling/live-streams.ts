import type { Problem } from '../pipeline/media/info.ts';
import type { StreamState } from './protocol.ts';

/** Where a stream stands, as viewers are told. */
export interface StreamCondition {
  readonly state: StreamState;
  readonly problem?: Problem | undefined;
  /** When the next attempt starts: milliseconds since the epoch. */
  readonly retryAt?: number | undefined;
  /** Of the source's video, in pixels; undefined while that is not known. */
  readonly width?: number | undefined;
  /** Whether there is something to hear; undefined while that is not known. */
  readonly audio?: boolean | undefined;
  /** Digest of what is drawn upon it: a player that draws itself reads that anew when it changes. */
  readonly drawing?: string | undefined;
}

/** What signalling asks of the streams. */
export interface LiveStreams {
  /** Undefined where there is no such stream. */
  condition(id: string): StreamCondition | undefined;
  /** Somebody is about to watch: a stream that runs on demand starts. */
  touch(id: string): void;
  /** @returns a function that ends it */
  onCondition(listener: (id: string, condition: StreamCondition) => void): () => void;
}
