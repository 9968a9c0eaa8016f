import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../../util/clock.ts';

/** How long a measurement counts, in milliseconds: longer than the segments of a playlist are apart. */
const WINDOW_MS = 20_000;
/** Measurements are kept by slots of this many milliseconds. */
const SLOT_MS = 500;
/** Most measurements that are kept, also of a timeline that jumps with every packet. */
const MAX_SLOTS = 100;
/** The schedule moves to a new measurement by this share of the time that passes, which nobody sees. */
const FOLLOW = 0.05;
/** Longest segment, in milliseconds: measurements that differ by more are of different timelines. */
const SEGMENT_MS = 15_000;

/**
 * When to show what comes in segments, as HLS and DASH do: as late as the latest frame of a segment needs, and no later. The delay
 * follows what was measured in the last while, up and down, so that drift neither empties nor fills the buffer.
 */
export class PlayOut {
  readonly #abort = new AbortController();
  #slots: { at: number; latest: number }[] = [];
  #offset: number | undefined;
  #at = 0;

  /**
   * Takes note of a packet that came.
   * @param mediaMs its time on the source's own clock
   * @param arrival milliseconds since the epoch
   */
  arrived(mediaMs: number, arrival: number): void {
    const measured = arrival - mediaMs;
    const last = this.#slots.at(-1);
    if (last !== undefined && arrival - last.at < SLOT_MS && Math.abs(measured - last.latest) < SEGMENT_MS) last.latest = Math.max(last.latest, measured);
    else this.#slots.push({ at: arrival, latest: measured });
    while (this.#slots.length > MAX_SLOTS || (this.#slots.length > 1 && arrival - this.#slots[0]!.at > WINDOW_MS)) this.#slots.shift();
  }

  /**
   * When a frame is due; to be asked once a frame, in their order.
   * @param mediaMs its time on the source's own clock
   * @param arrival when its packet came
   * @returns milliseconds since the epoch
   */
  due(mediaMs: number, arrival: number, time = now()): number {
    const measured = arrival - mediaMs;
    const wanted = this.#slots.reduce((latest, slot) => (Math.abs(slot.latest - measured) < SEGMENT_MS ? Math.max(latest, slot.latest) : latest), measured);
    if (this.#offset === undefined || Math.abs(wanted - this.#offset) > SEGMENT_MS || (wanted > this.#offset && mediaMs + this.#offset < time)) {
      // The first frame, a new timeline, or one that came too late for its time, as those after it would, too.
      this.#offset = wanted;
    } else {
      const most = Math.max(0, time - this.#at) * FOLLOW;
      this.#offset += Math.max(-most, Math.min(most, wanted - this.#offset));
    }
    this.#at = time;
    return mediaMs + this.#offset;
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
