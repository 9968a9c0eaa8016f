import { EventEmitter } from 'node:events';
import { BypassPublisher } from './bypass-publisher.ts';
import type { PeerEnd } from './peer.ts';
import type { Publisher } from './publisher.ts';

interface PublisherSlotEvents {
  /** A publisher connected or left: see {@link PublisherSlot.connected} and {@link PublisherSlot.bypass}. */
  change: [];
}

/** Holds the one publisher of a stream: free → taken → free. Whether a publisher may replace another is decided in `src/publishing`. */
export class PublisherSlot extends EventEmitter<PublisherSlotEvents> {
  #publisher: Publisher | BypassPublisher | undefined;

  /** The publisher, connected or still connecting. */
  get publisher(): Publisher | BypassPublisher | undefined {
    return this.#publisher;
  }

  /** The publisher, if it uses WebRTC and is connected. */
  get connected(): Publisher | undefined {
    const publisher = this.#publisher;
    return publisher instanceof BypassPublisher || publisher?.connected !== true ? undefined : publisher;
  }

  /** The publisher, if it bypasses the SFU. */
  get bypass(): BypassPublisher | undefined {
    return this.#publisher instanceof BypassPublisher ? this.#publisher : undefined;
  }

  /** Seats a publisher; the previous one is closed as `replaced`. */
  take(publisher: Publisher | BypassPublisher): void {
    this.clear('replaced');
    this.#publisher = publisher;
    const left = (): void => {
      if (this.#publisher !== publisher) return;
      this.#publisher = undefined;
      this.emit('change');
    };
    if (publisher instanceof BypassPublisher) {
      publisher.once('close', left);
      this.emit('change');
    } else {
      publisher.once('connected', () => this.emit('change'));
      publisher.once('close', left);
    }
  }

  /** Idempotent. */
  clear(reason: PeerEnd): void {
    this.#publisher?.close(reason);
  }
}
