/** Pictures that stood still, and for how long. */
export interface Frozen {
  readonly freezes: number;
  readonly frozenMs: number;
}

/**
 * Counts freezes over all receivers that one playback has had. Each counts its own (`freezeCount`); the time between the last picture
 * of one and the first of the next is one more.
 */
export class Freezes {
  #before: Frozen = { freezes: 0, frozenMs: 0 };
  #current: Frozen = { freezes: 0, frozenMs: 0 };
  #brokenAt: number | undefined;

  get total(): Frozen {
    return sum(this.#before, this.#current);
  }

  /** What the receiver that there is now has counted so far. */
  counted({ freezes, frozenMs }: Frozen): void {
    this.#current = { freezes, frozenMs };
  }

  /** The receiver ends while its last picture is on screen. @param at when that was displayed, ms */
  broken(at: number): void {
    this.#before = this.total;
    this.#current = { freezes: 0, frozenMs: 0 };
    this.#brokenAt ??= at;
  }

  /** A picture is displayed. @param at on the clock of `broken`, ms */
  shown(at: number): void {
    if (this.#brokenAt === undefined) return;
    this.#before = sum(this.#before, { freezes: 1, frozenMs: Math.max(0, at - this.#brokenAt) });
    this.#brokenAt = undefined;
  }
}

function sum(one: Frozen, other: Frozen): Frozen {
  return { freezes: one.freezes + other.freezes, frozenMs: one.frozenMs + other.frozenMs };
}
