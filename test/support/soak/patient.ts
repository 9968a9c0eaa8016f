import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../src/demo/random.ts';
import type { Feed } from '../feeds.ts';
import type { Relay } from './relay.ts';

/** What is done to a source. */
export const FAULTS = ['kill', 'pause', 'restart', 'throttle'] as const;
export type Fault = (typeof FAULTS)[number];

/** Bytes a second of a throttled connection: less than any of the feeds sends. */
const THROTTLED = 8000;
/** Milliseconds of each go and each stop of a sender whose datagrams no relay can throttle. */
const STUTTER_MS = [60, 240] as const;

/** One source of a soak, to which something happens again and again. */
export class Patient {
  readonly id: string;
  readonly kind: string;
  readonly faults: Record<Fault, number> = { kill: 0, pause: 0, restart: 0, throttle: 0 };
  /** What its own sender failed of, which is nothing of the server's. */
  readonly troubles: string[] = [];
  readonly #feed: Feed;
  readonly #relay: Relay | undefined;
  readonly #random: Random;

  /** @param relay by which it is reached; undefined for one that sends datagrams */
  constructor(id: string, kind: string, { feed, relay, random }: { feed: Feed; relay: Relay | undefined; random: Random }) {
    this.id = id;
    this.kind = kind;
    this.#feed = feed;
    this.#relay = relay;
    this.#random = random;
  }

  /** Until it is aborted; then the source is whole again. @param most milliseconds that a fault lasts, and a rest between two */
  async suffer(most: number, signal: AbortSignal): Promise<void> {
    const random = this.#random;
    while (!signal.aborted) {
      await rest(random.range(most / 4, most), signal);
      if (signal.aborted) break;
      const fault = FAULTS[random.int(FAULTS.length)]!;
      this.faults[fault] += 1;
      await this.#inflict(fault, random.range(most / 8, most), signal).catch((error: unknown) => this.troubles.push(String(error)));
    }
    await this.#feed.start().catch((error: unknown) => this.troubles.push(String(error)));
  }

  async #inflict(fault: Fault, ms: number, signal: AbortSignal): Promise<void> {
    switch (fault) {
      case 'restart':
        await this.#feed.kill();
        await this.#feed.start();
        return;
      case 'kill':
        await this.#feed.kill();
        await rest(ms, signal);
        await this.#feed.start();
        return;
      case 'pause':
        this.#feed.pause();
        await rest(ms, signal);
        this.#feed.resume();
        return;
      case 'throttle':
        return this.#throttle(ms, signal);
    }
  }

  async #throttle(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#relay !== undefined) {
      this.#relay.rate = THROTTLED;
      await rest(ms, signal);
      this.#relay.rate = Infinity;
      return;
    }
    for (const until = performance.now() + ms; performance.now() < until && !signal.aborted; ) {
      await rest(STUTTER_MS[0], signal);
      this.#feed.pause();
      await rest(STUTTER_MS[1], signal);
      this.#feed.resume();
    }
  }
}

/** Ends early when it is aborted. */
async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
