import type { Producer } from 'mediasoup/types';

/** Milliseconds between two looks. */
const INTERVAL_MS = 1000;

/** How much a producer sends, as the media worker counts it. It looks only while it is asked. */
export class ForwardMeter {
  readonly #producer: () => Producer | undefined;
  #bitrate = 0;
  #lookedAt = -Infinity;

  /** @param producer that is measured now; undefined where there is none */
  constructor(producer: () => Producer | undefined) {
    this.#producer = producer;
  }

  /** Bits a second; as it was when it was asked before, up to an interval later. */
  get bitrate(): number {
    const producer = this.#producer();
    if (producer === undefined) return (this.#bitrate = 0);
    const at = performance.now();
    if (at - this.#lookedAt < INTERVAL_MS) return this.#bitrate;
    this.#lookedAt = at;
    producer.getStats().then(
      (encodings) => (this.#bitrate = encodings.reduce((sum, { bitrate }) => sum + bitrate, 0)),
      // The producer has closed, or its worker has died, which others tell of.
      () => (this.#bitrate = 0),
    );
    return this.#bitrate;
  }
}
