/** One wrong value: its path, and what would be right. */
export interface FieldError {
  /** Path inside the input, such as `detectors[0].model`; empty for the whole of it. */
  readonly path: string;
  readonly message: string;
}

/**
 * Streams and detectors:
 * - `invalid`: a value is wrong; `errors` says which
 * - `stream-exists`, `detector-exists`: the name is taken
 * - `stream-not-found`, `detector-not-found`: there is none of this name
 * - `detector-in-use`: streams name it
 * - `detector-of-model`: it comes with its model and can't be changed
 * - `too-many-streams`: `limits.streams` is reached
 * - `no-truth`: only generated scenes know the truth, and only of recent frames
 * - `stream-unavailable`: the stream does not run right now
 */
type StreamRefusal =
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

/**
 * Publishers:
 * - `already-published`: the stream has a publisher, and `publish.policy` is `refuse`
 * - `other-source`: the stream does not take publishers
 * - `bad-stream-id`: no stream can have this id
 * - `key-missing`, `key-wrong`: the stream takes publishers with its key only
 */
type PublishRefusal = 'already-published' | 'other-source' | 'bad-stream-id' | 'key-missing' | 'key-wrong';

/**
 * Media between a peer and the SFU:
 * - `closed`: the stream, or the SFU as a whole, is closed
 * - `unavailable`: no worker runs right now; one is being started again
 * - `no-common-codec`: the peer and the SFU have no codec in common
 * - `no-audio`: the stream has no sound
 * - `transport-refused`: the DTLS or ICE parameters don't fit the transport, or come a second time
 */
export type MediaRefusal = 'closed' | 'unavailable' | 'no-common-codec' | 'no-audio' | 'transport-refused';

/**
 * Sessions of signalling, WHIP and WHEP:
 * - `not-found`, `watch-not-found`: there is none, or none any more
 * - `too-many-watches`: one session watches no more
 * - `replaced`: another publisher has taken over
 * - `bad-offer`, `bad-fragment`: not an SDP offer, or not an ICE fragment, that can be used
 * - `other-ice-session`, `no-ice-restart`: see RFC 9725 §4.3
 */
type SessionRefusal =
  | 'not-found'
  | 'watch-not-found'
  | 'too-many-watches'
  | 'replaced'
  | 'bad-offer'
  | 'bad-fragment'
  | 'other-ice-session'
  | 'no-ice-restart';

export type RefusalCode = StreamRefusal | PublishRefusal | MediaRefusal | SessionRefusal;

/** Why something was not done. Nothing has changed. The code is for programs; the message is for people and contains no secrets. */
export class Refusal<Code extends RefusalCode = RefusalCode> extends Error {
  readonly code: Code;
  /** The wrong values, if values are wrong. */
  readonly errors: readonly FieldError[];

  constructor(code: Code, message: string, errors: readonly FieldError[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'Refusal';
    this.code = code;
    this.errors = errors;
  }
}

/** `invalid`, with the wrong values. */
export function invalid(errors: readonly FieldError[]): Refusal {
  return new Refusal('invalid', errors[0]?.message ?? 'A value is wrong.', errors);
}
