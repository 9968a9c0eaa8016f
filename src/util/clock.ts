/** Milliseconds since the epoch, from the monotonic clock: never steps, unlike `Date.now()`. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** A clock with timers; injected, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch, from a clock that never steps back. */
  now(): number;
  /** Calls back once after some milliseconds. @returns a function that cancels it */
  after(ms: number, callback: () => void): () => void;
}

export const WALL_CLOCK: Clock = {
  now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
