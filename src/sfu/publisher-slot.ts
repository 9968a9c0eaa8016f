import { EventEmitter } from 'node:events';
import { BypassPublisher } from './bypass-publisher.ts';
import type { PeerEnd } from './peer.ts';
import type { Publisher } from './publisher.ts';

interface PublisherSlotEvents {
  /** Somebody publishes, or nobody does any more: see {@link PublisherSlot.connected} and {@link PublisherSlot.bypass}. */
  change: [];
}

/** The one place that a stream has for a publisher: free → taken → free. */
export class PublisherSlot extends EventEmitter<PublisherSlotEvents> {
  #publisher: Publisher | BypassPublisher | undefined;

  /** Whoever publishes, or is connecting to do so. */
  get publisher(): Publisher | BypassPublisher | undefined {
    return this.#publisher;
  }

  /** Whoever publishes over WebRTC and is connected. */
  get connected(): Publisher | undefined {
    const publisher = this.#publisher;
    return publisher instanceof BypassPublisher || publisher?.connected !== true ? undefined : publisher;
  }

  /** Whoever publishes past the SFU. */
  get bypass(): BypassPublisher | undefined {
    return this.#publisher instanceof BypassPublisher ? this.#publisher : undefined;
  }

  /** Whoever has it gives it up. */
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
