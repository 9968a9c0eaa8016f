import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { PublisherFeed, PushedFeed } from '../pipeline/ipc/feeds.ts';
import type { Rendition, Variant } from '../pipeline/media/info.ts';
import type { RtpTarget } from '../pipeline/rtp/target.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';

/**
 * What the streams ask of the rest of the control process. They are written against these few members, so that a test can stand in
 * for the SFU.
 */

/** A publisher's video on its way to a stream process; it ends with the publisher. */
export interface TapPort {
  readonly feed: PublisherFeed | PushedFeed;
  /** Video starts, with a key frame. */
  resume(): Promise<void>;
  requestKeyframe(): Promise<void>;
  /** Idempotent. */
  close(): void;
}

/** Where the SFU's side of one stream and the stream itself meet. */
export interface BroadcastPort {
  /** A rendition is needed: make it and send it there. Comes again, with another target, when the SFU was rebuilt. */
  on(event: 'start', listener: (rendition: Rendition, target: RtpTarget) => void): unknown;
  /** Nobody needs the rendition any more. */
  on(event: 'stop', listener: (rendition: Rendition) => void): unknown;
  /** The sound is needed, as with `start`. */
  on(event: 'audio-start', listener: (target: RtpTarget) => void): unknown;
  /** Nobody listens any more. */
  on(event: 'audio-stop', listener: () => void): unknown;
  /** A viewer asks for a picture to start from. */
  on(event: 'keyframe', listener: (variant: Variant) => void): unknown;
  /** How many watch, both variants together. */
  on(event: 'viewers', listener: (viewers: number) => void): unknown;
  /** Somebody publishes, or nobody does any more. */
  on(event: 'publisher', listener: () => void): unknown;
  /** Leads what the publisher sends to a UDP port on loopback; undefined where nobody publishes. */
  tap(port: number): Promise<TapPort | undefined>;
  /** What a publisher sends over WebRTC beside its video; undefined where nobody does. */
  readonly published: { readonly audio: boolean } | undefined;
  /** Whether viewers of the clean variant are sent what a publisher sends. */
  readonly forwarding: boolean;
  /** Bits a second of what they are sent. */
  readonly forwardedBitrate: number;
  /** What the source's own pictures can be sent in; undefined: in nothing, or that is not known. */
  setNative(codec: VideoCodec | undefined): void;
  /** Whether they may be. Those who are and no longer may have to come again. */
  allowForwarding(allowed: boolean): void;
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
