import type { Producer } from 'mediasoup/types';

/** Milliseconds between two reads of the statistics. */
const INTERVAL_MS = 1000;

/** The bitrate of a producer, from the media worker's statistics, which are read only on demand. */
export class ForwardMeter {
  readonly #producer: () => Producer | undefined;
  #bitrate = 0;
  #lookedAt = -Infinity;

  /** @param producer returns the producer to measure now; undefined where there is none */
  constructor(producer: () => Producer | undefined) {
    this.#producer = producer;
  }

  /** Bits a second, as of the previous read: up to one interval old. */
  get bitrate(): number {
    const producer = this.#producer();
    if (producer === undefined) return (this.#bitrate = 0);
    const at = performance.now();
    if (at - this.#lookedAt < INTERVAL_MS) return this.#bitrate;
    this.#lookedAt = at;
    producer.getStats().then(
      (encodings) => (this.#bitrate = encodings.reduce((sum, { bitrate }) => sum + bitrate, 0)),
      // The producer has closed or its worker has died; both are reported elsewhere.
      () => (this.#bitrate = 0),
    );
    return this.#bitrate;
  }
}
