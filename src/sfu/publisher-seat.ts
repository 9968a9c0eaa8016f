import { EventEmitter } from 'node:events';
import { DirectPublisher } from './direct-publisher.ts';
import type { PeerEnd } from './peer.ts';
import type { Publisher } from './publisher.ts';

interface PublisherSeatEvents {
  /** Somebody publishes, or nobody does any more: see {@link PublisherSeat.connected} and {@link PublisherSeat.direct}. */
  change: [];
}

/** The one place that a stream has for a publisher: free → taken → free. */
export class PublisherSeat extends EventEmitter<PublisherSeatEvents> {
  #publisher: Publisher | DirectPublisher | undefined;

  /** Whoever publishes, or is connecting to do so. */
  get publisher(): Publisher | DirectPublisher | undefined {
    return this.#publisher;
  }

  /** Whoever publishes over WebRTC and is connected. */
  get connected(): Publisher | undefined {
    const publisher = this.#publisher;
    return publisher instanceof DirectPublisher || publisher?.connected !== true ? undefined : publisher;
  }

  /** Whoever publishes past the SFU. */
  get direct(): DirectPublisher | undefined {
    return this.#publisher instanceof DirectPublisher ? this.#publisher : undefined;
  }

  /** Whoever has it gives it up. */
  take(publisher: Publisher | DirectPublisher): void {
    this.clear('replaced');
    this.#publisher = publisher;
    const left = (): void => {
      if (this.#publisher !== publisher) return;
      this.#publisher = undefined;
      this.emit('change');
    };
    if (publisher instanceof DirectPublisher) {
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
