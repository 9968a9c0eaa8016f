import { sizeOf, type AccessUnit } from '../media/access-unit.ts';

/** How much may wait. */
export interface QueueLimits {
  readonly units: number;
  readonly bytes: number;
}

export interface QueueEvents {
  /** Takes one unit out; the next one follows when the promise settles. Never rejects. */
  readonly deliver: (unit: AccessUnit) => Promise<void>;
  /** Units were dropped: nothing is delivered before the next key frame. */
  readonly needsKeyframe: () => void;
}

/**
 * The queue of one sink. It begins with a key frame; when it is full, it drops all that waits and everything up to the next key frame,
 * because what comes between refers to what was dropped.
 */
export class AccessUnitQueue {
  readonly #limits: QueueLimits;
  readonly #events: QueueEvents;
  readonly #waiting: AccessUnit[] = [];
  #bytes = 0;
  #delivering = false;
  #waitsForKey = true;
  #written = 0;
  #dropped = 0;
  #closed = false;

  constructor(limits: QueueLimits, events: QueueEvents) {
    this.#limits = limits;
    this.#events = events;
  }

  get counts(): { readonly written: number; readonly dropped: number } {
    return { written: this.#written, dropped: this.#dropped };
  }

  push(unit: AccessUnit): void {
    if (this.#closed) return;
    if (unit.key) this.#waitsForKey = false;
    // Units before the first key frame are not counted: the sink has not begun.
    if (this.#waitsForKey) return void (this.#dropped += this.#written > 0 ? 1 : 0);
    if (this.#waiting.length >= this.#limits.units || this.#bytes > this.#limits.bytes) {
      this.#dropped += this.#waiting.length;
      this.#clear();
      if (!unit.key) {
        this.#dropped += 1;
        this.#waitsForKey = true;
        this.#events.needsKeyframe();
        return;
      }
    }
    this.#waiting.push(unit);
    this.#bytes += sizeOf(unit);
    if (!this.#delivering) void this.#deliverAll();
  }

  /** Drops what waits; idempotent. */
  close(): void {
    this.#closed = true;
    this.#clear();
  }

  async #deliverAll(): Promise<void> {
    this.#delivering = true;
    for (let unit = this.#waiting.shift(); unit !== undefined; unit = this.#waiting.shift()) {
      this.#bytes -= sizeOf(unit);
      this.#written += 1;
      await this.#events.deliver(unit);
    }
    this.#delivering = false;
  }

  #clear(): void {
    this.#waiting.length = 0;
    this.#bytes = 0;
  }
}
