import type { Problem } from '../pipeline/media/info.ts';
import type { StreamState } from './protocol.ts';

/** The condition of a stream, as viewers are told. */
export interface StreamCondition {
  readonly state: StreamState;
  readonly problem?: Problem | undefined;
  /** Start of the next attempt: milliseconds since the epoch. */
  readonly retryAt?: number | undefined;
  /** Width of the source's video in pixels; undefined while it is unknown. */
  readonly width?: number | undefined;
  /** Whether it has audio; undefined while that is unknown. */
  readonly audio?: boolean | undefined;
  /** Digest of its drawing settings: a player that draws by itself fetches them again when it changes. */
  readonly drawing?: string | undefined;
}

/** The streams, as far as signalling uses them. */
export interface LiveStreams {
  /** Undefined if there is no such stream. */
  condition(id: string): StreamCondition | undefined;
  /** Announces a viewer: a stream on demand starts. */
  touch(id: string): void;
  /** @returns a function that removes the listener */
  onCondition(listener: (id: string, condition: StreamCondition) => void): () => void;
}
