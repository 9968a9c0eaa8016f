import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { PublisherFeed, PushedFeed } from '../pipeline/ipc/feeds.ts';
import type { OutputLeases } from '../pipeline/ipc/outputs.ts';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';

/**
 * What streams use of the rest of the control process. They depend on these interfaces only, so that tests can replace the SFU.
 */

/** Sends a publisher's video to a stream process; ends with the publisher. */
export interface TapPort {
  readonly feed: PublisherFeed | PushedFeed;
  /** Starts video, with a key frame. */
  resume(): Promise<void>;
  requestKeyframe(): Promise<void>;
  /** Idempotent. */
  close(): void;
}

/** The SFU's side of one stream. */
export interface BroadcastPort {
  /** Where it leases what its viewers need. */
  supply(leases: OutputLeases): void;
  /** Number of viewers, of both variants. */
  on(event: 'viewers', listener: (viewers: number) => void): unknown;
  /** A publisher connected or left. */
  on(event: 'publisher', listener: () => void): unknown;
  /** Sends the publisher's video to a UDP port on loopback; undefined without a publisher. */
  tap(port: number): Promise<TapPort | undefined>;
  /** What the WebRTC publisher sends besides video; undefined without one. */
  readonly published: { readonly audio: boolean } | undefined;
  /** Whether any viewer is forwarded the publisher's video. */
  readonly forwarding: boolean;
  /** Bitrate of the forwarded video, in bits a second. */
  readonly forwardedBitrate: number;
  /** Sets the codec in which the source's video can be passed through; undefined: none, or unknown. */
  setNative(codec: VideoCodec | undefined): void;
  /** Sets whether the publisher's video may be forwarded. If not, viewers that are forwarded it must reconnect. */
  allowForwarding(allowed: boolean): void;
  readonly viewers: number;
  /** Sends an annotation message to the viewers. */
  announce(message: AnnotationMessage): void;
  /** Closes it when the stream is removed, and tells its viewers. Idempotent. */
  close(): void;
}

/** The SFU, as far as streams use it. */
export interface SfuPort {
  /** The broadcast of one stream: created on the first call, and kept until it is closed. */
  broadcast(stream: string): BroadcastPort;
}
