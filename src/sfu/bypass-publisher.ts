import { EventEmitter } from 'node:events';
import type { PushedFeed } from '../pipeline/ipc/feeds.ts';
import type { PeerEnd } from './peer.ts';

/** How a stream process gets the media of a publisher that bypasses the SFU. There is nothing to resume or close. */
export interface BypassTap {
  readonly feed: PushedFeed;
  resume(): Promise<void>;
  requestKeyframe(): Promise<void>;
  close(): void;
}

/** An RTMP publisher. Its media bypasses mediasoup: the stream process pulls it over loopback HTTP-FLV and makes every variant of it. */
export class BypassPublisher extends EventEmitter<{ close: [reason: PeerEnd] }> {
  /** Undefined: its video can't be forwarded. */
  readonly codec = undefined;
  readonly #feed: PushedFeed;
  #closed = false;

  constructor(feed: PushedFeed) {
    super();
    this.#feed = feed;
  }

  /** RTMP has no key frame requests, and the feed starts with the newest key frame anyway. */
  tap(): BypassTap {
    return { feed: this.#feed, resume: () => Promise.resolve(), requestKeyframe: () => Promise.resolve(), close: () => undefined };
  }

  /** Idempotent. */
  close(reason: PeerEnd = 'closed'): void {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close', reason);
  }
}
