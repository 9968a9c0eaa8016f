import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { Variant } from '../pipeline/messages.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';

/**
 * What the streams ask of the rest of the control process. They are written against these few members, so that a test can stand in
 * for the SFU.
 */

/** Where the SFU's side of one stream and the stream itself meet. */
export interface BroadcastPort {
  /** A variant is needed: encode it and send it there. Comes again, with another target, when the SFU was rebuilt. */
  on(event: 'start', listener: (variant: Variant, target: RtpTarget) => void): unknown;
  /** Nobody needs the variant any more. */
  on(event: 'stop', listener: (variant: Variant) => void): unknown;
  /** A viewer asks for a picture to start from. */
  on(event: 'keyframe', listener: (variant: Variant) => void): unknown;
  /** How many watch, both variants together. */
  on(event: 'viewers', listener: (viewers: number) => void): unknown;
  readonly viewers: number;
  /** Tells the viewers what is known about a frame. */
  announce(message: AnnotationMessage): void;
  /** The stream is gone; its viewers are told. Idempotent. */
  close(): void;
}

/** The SFU, as far as streams use it. */
export interface SfuPort {
  /** The broadcast of one stream: made on the first call, the same one until it is closed. */
  broadcast(stream: string): BroadcastPort;
}
