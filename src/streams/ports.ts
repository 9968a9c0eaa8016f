import type { ShelfModel } from '../models/index.ts';
import type { AnnotationMessage } from '../pipeline/annotation.ts';
import type { ExternalStats } from '../pipeline/detect/external/external-events.ts';
import type { ResolvedModel } from '../pipeline/detect/spec.ts';
import type { PublisherFeed, PushedFeed } from '../pipeline/ipc/feeds.ts';
import type { OutputLeases } from '../pipeline/ipc/outputs.ts';
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
  /** Where it leases what its viewers need. */
  supply(leases: OutputLeases): void;
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

/** The process of external detectors, as far as streams use it. */
export interface ExternalPort {
  /** Path of its unix socket, which stays the same over its restarts. */
  readonly socketPath: string;
  /** Something needs it. Idempotent. */
  start(): void;
  /** What a detector did in the last second; undefined where neither a stream nor a worker is there for it. */
  stats(detector: string): ExternalStats | undefined;
}

/** The models, as far as streams use them. */
export interface ModelsPort {
  /** The model of streams that do not say, by the kind of their source. */
  readonly defaults: { readonly demo: string; readonly other: string };
  /** What was known when it was last looked: sorted by name. */
  list(): readonly ShelfModel[];
  /** Looks again: files come and go. */
  refresh(): Promise<void>;
  /** @throws Error with a `code`, and a sentence that says what to do, where the model can't be used now */
  resolve(name: string): Promise<ResolvedModel>;
  /** A model came, went, or can be used now. */
  on(event: 'changed', listener: () => void): unknown;
}
