import type { FrameId } from '../frame.ts';

/** Frames that come up to this many milliseconds early still count as due: sources jitter. */
const EARLY_MS = 2;

/** Decides which frames a detector looks at, by its `fps` and `every`. */
export class Pace {
  readonly #intervalMs: number;
  readonly #every: number;
  #dueAt = -Infinity;
  #lastSeq: number | undefined;

  constructor({ fps, every }: { readonly fps?: number | undefined; readonly every?: number | undefined }) {
    this.#intervalMs = fps === undefined ? 0 : 1000 / fps;
    this.#every = every ?? 1;
  }

  due({ seq, capturedAt }: FrameId): boolean {
    if (capturedAt + EARLY_MS < this.#dueAt) return false;
    return this.#lastSeq === undefined || ((seq - this.#lastSeq) >>> 0) >= this.#every;
  }

  /** The frame was looked at. */
  took({ seq, capturedAt }: FrameId): void {
    this.#lastSeq = seq;
    // Counted from when it was due, not from when it came: else the rate falls to the next divisor of the source's.
    const onTime = capturedAt - this.#dueAt < this.#intervalMs;
    this.#dueAt = (onTime ? this.#dueAt : capturedAt) + this.#intervalMs;
  }
}
