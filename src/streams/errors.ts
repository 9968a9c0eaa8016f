import type { FieldError } from '../config/explain.ts';

/**
 * - `invalid`: a value is wrong; `errors` says which
 * - `stream-exists`, `detector-exists`: the name is taken
 * - `stream-not-found`, `detector-not-found`: there is none of this name
 * - `detector-in-use`: streams name it
 * - `detector-of-model`: it comes with its model and can't be changed
 * - `too-many-streams`: `limits.streams` is reached
 * - `no-truth`: only generated scenes know the truth, and only of recent frames
 * - `stream-unavailable`: the stream does not run right now
 */
export type StreamsErrorCode =
  | 'invalid'
  | 'stream-exists'
  | 'stream-not-found'
  | 'detector-exists'
  | 'detector-not-found'
  | 'detector-in-use'
  | 'detector-of-model'
  | 'too-many-streams'
  | 'no-truth'
  | 'stream-unavailable';

/** Why something was not done to a stream or detector. Nothing has changed. */
export class StreamsError extends Error {
  readonly code: StreamsErrorCode;
  /** Of `invalid`: the wrong values. */
  readonly errors: readonly FieldError[];

  constructor(code: StreamsErrorCode, message: string, errors: readonly FieldError[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'StreamsError';
    this.code = code;
    this.errors = errors;
  }
}

/** `invalid`, with the wrong values. */
export function invalid(errors: readonly FieldError[]): StreamsError {
  return new StreamsError('invalid', errors[0]?.message ?? 'A value is wrong.', errors);
}
