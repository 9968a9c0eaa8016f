import { EventEmitter } from 'node:events';
import type { PeerEnd } from './peer.ts';
import type { Publisher } from './publisher.ts';

interface PublisherSeatEvents {
  /** Somebody publishes, or nobody does any more: see {@link PublisherSeat.connected}. */
  change: [];
}

/** The one place that a stream has for a publisher: free → taken → free. */
export class PublisherSeat extends EventEmitter<PublisherSeatEvents> {
  #publisher: Publisher | undefined;

  /** Whoever publishes, or is connecting to do so. */
  get publisher(): Publisher | undefined {
    return this.#publisher;
  }

  /** Whoever publishes and is connected. */
  get connected(): Publisher | undefined {
    return this.#publisher?.connected === true ? this.#publisher : undefined;
  }

  /** Whoever has it gives it up. */
  take(publisher: Publisher): void {
    this.clear('replaced');
    this.#publisher = publisher;
    publisher.once('connected', () => this.emit('change'));
    publisher.once('close', () => {
      if (this.#publisher !== publisher) return;
      this.#publisher = undefined;
      this.emit('change');
    });
  }

  /** Idempotent. */
  clear(reason: PeerEnd): void {
    this.#publisher?.close(reason);
  }
}
