import { EventEmitter } from 'node:events';
import type { PushedFeed } from '../pipeline/ipc/feeds.ts';
import type { PeerEnd } from './peer.ts';

/** What a stream process is told of a publisher that does not come through the SFU; there is nothing to resume or to close. */
export interface BypassTap {
  readonly feed: PushedFeed;
  resume(): Promise<void>;
  requestKeyframe(): Promise<void>;
  close(): void;
}

/** Somebody who has a stream’s place for publishers, and whose media goes past the SFU to the stream’s process, which makes everything of it. */
export class BypassPublisher extends EventEmitter<{ close: [reason: PeerEnd] }> {
  /** Nothing of it can be forwarded. */
  readonly codec = undefined;
  readonly #feed: PushedFeed;
  #closed = false;

  constructor(feed: PushedFeed) {
    super();
    this.#feed = feed;
  }

  /** It can’t be asked for a key frame, and sends to whoever comes. */
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
