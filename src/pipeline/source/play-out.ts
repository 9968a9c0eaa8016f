import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../frame.ts';

/** How long a measurement counts, in milliseconds: longer than the segments of a playlist are apart. */
const WINDOW_MS = 20_000;
/** Measurements are kept by slots of this many milliseconds. */
const SLOT_MS = 500;
/** A media step that is longer, or not forward, is a new timeline; in milliseconds. */
const CUT_MS = 10_000;
/** The schedule moves to a new measurement by this share of the time that passes, which nobody sees. */
const FOLLOW = 0.05;
/** Longest wait for a frame: what comes in larger lumps is played as it comes, in milliseconds. */
const MAX_WAIT_MS = 15_000;

/**
 * When to show what comes in lumps, such as the segments of a playlist: as late as the latest frame of a lump needs, and no later. The delay
 * follows what was measured in the last while, up and down, so that drift neither empties nor fills the buffer.
 */
export class PlayOut {
  readonly #abort = new AbortController();
  #slots: { at: number; latest: number }[] = [];
  #offset: number | undefined;
  #media = 0;
  #at = 0;

  /**
   * Takes note of a frame that came.
   * @param mediaMs its time on the source's own clock
   * @param arrival milliseconds since the epoch
   */
  arrived(mediaMs: number, arrival: number): void {
    const measured = arrival - mediaMs;
    const last = this.#slots.at(-1);
    if (last !== undefined && arrival - last.at < SLOT_MS) last.latest = Math.max(last.latest, measured);
    else this.#slots.push({ at: arrival, latest: measured });
    while (this.#slots.length > 1 && arrival - this.#slots[0]!.at > WINDOW_MS) this.#slots.shift();
  }

  /** The timeline starts anew. */
  cut(): void {
    this.#slots = [];
    this.#offset = undefined;
  }

  /** When a frame is due: milliseconds since the epoch. To be asked once a frame, in their order. */
  due(mediaMs: number, time = now()): number {
    const step = mediaMs - this.#media;
    const wanted = this.#slots.reduce((latest, slot) => Math.max(latest, slot.latest), -Infinity);
    if (this.#offset === undefined || step < 0 || step > CUT_MS || wanted === -Infinity) {
      this.#offset = Number.isFinite(wanted) ? wanted : time - mediaMs;
    } else if (wanted > this.#offset && mediaMs + this.#offset < time) {
      // It came too late for its time: those after it would, too.
      this.#offset = wanted;
    } else {
      const most = Math.max(0, time - this.#at) * FOLLOW;
      this.#offset += Math.max(-most, Math.min(most, wanted - this.#offset));
    }
    this.#media = mediaMs;
    this.#at = time;
    const due = mediaMs + this.#offset;
    if (due - time > MAX_WAIT_MS) this.#offset = time - mediaMs;
    return Math.min(due, time + MAX_WAIT_MS);
  }

  /** @throws AbortError after `close` */
  async until(due: number): Promise<void> {
    const wait = due - now();
    if (wait > 0) await sleep(wait, undefined, { signal: this.#abort.signal });
  }

  close(): void {
    this.#abort.abort();
  }
}
