import { AV_PKT_FLAG_KEY } from 'node-av/constants';
import type { Packet } from 'node-av/lib';
import { now } from '../../util/clock.ts';

/** How much may wait to be decoded. */
export interface FeedLimits {
  /** Milliseconds that the oldest packet may have waited. */
  readonly ageMs: number;
  readonly bytes: number;
}

interface Arrived {
  readonly packet: Packet;
  readonly arrival: number;
}

/**
 * Reads packets as they come, so that nothing waits in the network's buffers, and hands them on when the decoder is free. What has waited
 * too long makes room for the newest: everything up to the next key frame is dropped and counted.
 */
export class PacketFeed {
  readonly #limits: FeedLimits;
  readonly #packets: AsyncGenerator<Packet | null>;
  readonly #arrived: ((packet: Packet, arrival: number) => void) | undefined;
  readonly #waiting: Arrived[] = [];
  readonly #reading: Promise<void>;
  #bytes = 0;
  #seeksKey = false;
  #ended = false;
  #closed = false;
  #wake: (() => void) | undefined;
  #last = 0;
  #dropped = 0;

  /** @param arrived told of each packet as it comes */
  constructor(packets: AsyncGenerator<Packet | null>, limits: FeedLimits, arrived?: (packet: Packet, arrival: number) => void) {
    this.#packets = packets;
    this.#limits = limits;
    this.#arrived = arrived;
    this.#reading = this.#read();
  }

  /** When the packet that was taken last had come: milliseconds since the epoch. */
  get lastArrival(): number {
    return this.#last;
  }

  /** Packets that were dropped because the decoder was late. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For the decoder; ends with null. */
  async *packets(): AsyncGenerator<Packet | null> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#bytes -= next.packet.size;
        this.#last = next.arrival;
        yield next.packet;
      } else if (this.#ended) {
        return yield null;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  /** Resolves when nothing is read any more; the input must have been interrupted. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#reading;
    this.#drop();
  }

  async #read(): Promise<void> {
    try {
      for await (const packet of this.#packets) {
        if (packet === null) break;
        if (this.#closed) packet.free();
        else this.#take(packet, now());
      }
    } finally {
      this.#ended = true;
      this.#wakeUp();
    }
  }

  #take(packet: Packet, arrival: number): void {
    const key = (packet.flags & AV_PKT_FLAG_KEY) !== 0;
    const oldest = this.#waiting[0];
    if (oldest !== undefined && (arrival - oldest.arrival > this.#limits.ageMs || this.#bytes > this.#limits.bytes)) {
      this.#drop();
      this.#seeksKey = true;
    }
    if (key) this.#seeksKey = false;
    if (this.#seeksKey) {
      packet.free();
      this.#dropped += 1;
      return;
    }
    this.#arrived?.(packet, arrival);
    this.#waiting.push({ packet, arrival });
    this.#bytes += packet.size;
    this.#wakeUp();
  }

  #drop(): void {
    this.#dropped += this.#waiting.length;
    for (const { packet } of this.#waiting.splice(0)) packet.free();
    this.#bytes = 0;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
