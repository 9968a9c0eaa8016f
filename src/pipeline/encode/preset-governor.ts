import type { Headroom } from './machine-load.ts';
import { X264Preset } from './options.ts';

/** x264's presets, from the one that costs least to the best. */
export const LADDER: readonly X264Preset[] = X264Preset.options;

/** How many times as long each takes as the one before it, until that has been measured here. */
const USUAL_RATIO = [1, 1.5, 1.8] as const;
/** Nanoseconds a pixel that the second preset takes on a slow machine: what is assumed before anything has been measured. */
const SLOW_NS_PER_PIXEL = 12;

/** Shares of the time between two frames: up to the first an encoder begins, up to the second it is made slower; beyond the third it is too slow. */
const BEGIN_BELOW = 0.4;
const RAISE_BELOW = 0.25;
const LOWER_ABOVE = 0.6;
/** The same, where a frame has been dropped, whatever the number of frames: below it, the encoder was not the reason. */
const BLAMED_ABOVE = 0.55;
/** The most that one frame counts for: a machine that stood still once says nothing about the encoder. */
const MOST_SHARE = 1.5;

/** Shares of the machine's cores: what must be left idle after a change, and below what the machine is full. */
const RESERVE = 0.25;
const FULL = 0.04;
const FULL_FOR_MS = 2000;

/** Frames that are remembered, that a change downwards needs, and one upwards. */
const REMEMBERED = 32;
const LOWER_SAMPLES = 3;
const RAISE_SAMPLES = 24;
/** Weight of the newest frame in the running mean. */
const NEWEST = 1 / 4;

/** Milliseconds without a change before a better preset is tried; after one that was too slow: first, and at most. */
const SETTLE_MS = 3000;
const FIRST_HOLD_MS = 20_000;
const LONGEST_HOLD_MS = 1_800_000;
/** Milliseconds after which a preset that is given up counts as one that had worked. */
const PROVEN_MS = 600_000;
/** Milliseconds in which half of what a measured ratio differs from the usual one is forgotten: pictures change. */
const HALF_LIFE_MS = 600_000;

/** What is known when a frame is about to be encoded. */
export interface Moment {
  /** Milliseconds, from a clock that never steps back. */
  readonly at: number;
  /** Milliseconds between two frames. */
  readonly intervalMs: number;
  readonly pixels: number;
  /** Threads that share a frame. */
  readonly threads: number;
  /** Undefined where it can't be told. */
  readonly headroom: Headroom | undefined;
  /** Whether the frame is to be an IDR frame anyway, so that another encoder costs viewers nothing. */
  readonly idrDue: boolean;
}

/**
 * Chooses x264's preset of one output by what encoding its frames took, by the frames that were dropped, and by what the machine has
 * left. It is lowered at once when frames take too long or the machine is full; raised only where an IDR frame is due, the better preset
 * is expected to fit, by its measured time where it has been in use, and cores stay idle. After each preset that proved to be too slow it
 * waits twice as long.
 */
export class PresetGovernor {
  readonly #jitter: number;
  #level: number | undefined;
  /** Milliseconds that the last frames took at this level, oldest first. */
  #times: number[] = [];
  /** Running mean of the same, each frame limited to {@link MOST_SHARE}. */
  #mean = 0;
  #dropped = 0;
  #changedAt = 0;
  #raiseAfter = 0;
  #holdMs = FIRST_HOLD_MS;
  #fullSince: number | undefined;
  /** Of the level above, in ms: it was given up for this one, and is compared as soon as this one has been measured. */
  #givenUpMs: number | undefined;
  /** Measured ratios to the level below. */
  readonly #ratios = new Map<number, { readonly ratio: number; readonly at: number }>();

  /** @param jitter 0…1: outputs with different ones don't all take what is left of the machine at the same time */
  constructor(jitter = 0) {
    this.#jitter = jitter;
  }

  /** The preset for the frame that is about to be encoded. */
  choose(moment: Moment): X264Preset {
    const level = (this.#level ??= this.#begin(moment));
    const full = this.#isFull(moment);
    if (this.#dropped > 0) this.#raiseAfter = Math.max(this.#raiseAfter, moment.at + this.#wait(SETTLE_MS));
    if (level > 0 && (full || this.#isTooSlow(moment))) this.#lower(level, moment.at, full);
    else if (moment.idrDue && this.#canRaise(level, moment)) this.#change(level + 1, moment.at, this.#wait(SETTLE_MS));
    this.#dropped = 0;
    return LADDER[this.#level]!;
  }

  /** What a frame has taken at the preset that was chosen last, in ms. @param intervalMs between two frames */
  encoded(ms: number, intervalMs: number): void {
    const counted = Math.min(ms, intervalMs * MOST_SHARE);
    this.#mean = this.#times.length === 0 ? counted : this.#mean + (counted - this.#mean) * NEWEST;
    this.#times.push(ms);
    if (this.#times.length > REMEMBERED) this.#times.shift();
  }

  /** A frame has been dropped because one before it was still being encoded. */
  dropped(): void {
    this.#dropped += 1;
  }

  #begin({ at, pixels, threads, intervalMs, headroom }: Moment): number {
    this.#changedAt = at;
    this.#raiseAfter = at + this.#wait(SETTLE_MS);
    const guessMs = (pixels * SLOW_NS_PER_PIXEL) / threads / 1e6;
    return guessMs <= BEGIN_BELOW * intervalMs && leaves(headroom, (guessMs * threads) / intervalMs) ? 1 : 0;
  }

  #isFull({ at, headroom }: Moment): boolean {
    if (headroom === undefined || headroom.idle >= FULL * headroom.cores) this.#fullSince = undefined;
    else this.#fullSince ??= at;
    return this.#fullSince !== undefined && at - this.#fullSince >= FULL_FOR_MS;
  }

  #isTooSlow({ intervalMs }: Moment): boolean {
    const share = this.#mean / intervalMs;
    return (this.#times.length >= LOWER_SAMPLES && share > LOWER_ABOVE) || (this.#dropped > 0 && share > BLAMED_ABOVE);
  }

  #canRaise(level: number, { at, intervalMs, threads, headroom }: Moment): boolean {
    if (level + 1 >= LADDER.length || this.#times.length < RAISE_SAMPLES) return false;
    const ms = usual(this.#times);
    if (this.#givenUpMs !== undefined) {
      // Never less than 1: where it seems so, the pictures have changed meanwhile.
      this.#ratios.set(level + 1, { ratio: Math.max(1, this.#givenUpMs / ms), at });
      this.#givenUpMs = undefined;
    }
    if (at < this.#raiseAfter) return false;
    const expectedMs = ms * this.#ratioOf(level + 1, at);
    // Twice what it adds: others may take theirs before it shows.
    return expectedMs <= RAISE_BELOW * intervalMs && leaves(headroom, (2 * (expectedMs - ms) * threads) / intervalMs);
  }

  #ratioOf(level: number, at: number): number {
    const prior = USUAL_RATIO[level]!;
    const measured = this.#ratios.get(level);
    return measured === undefined ? prior : prior + (measured.ratio - prior) * 2 ** ((measured.at - at) / HALF_LIFE_MS);
  }

  #lower(level: number, at: number, full: boolean): void {
    if (at - this.#changedAt >= PROVEN_MS) this.#holdMs = FIRST_HOLD_MS;
    // What a frame takes on a full machine says nothing about the preset.
    const ms = full ? undefined : usual(this.#times);
    this.#change(level - 1, at, this.#wait(this.#holdMs));
    this.#givenUpMs = ms;
    this.#holdMs = Math.min(2 * this.#holdMs, LONGEST_HOLD_MS);
  }

  #change(level: number, at: number, waitMs: number): void {
    this.#level = level;
    this.#times = [];
    this.#mean = 0;
    this.#fullSince = undefined;
    this.#givenUpMs = undefined;
    this.#changedAt = at;
    this.#raiseAfter = at + waitMs;
  }

  #wait(ms: number): number {
    return ms * (1 + this.#jitter);
  }
}

/** Whether enough cores stay idle when so many more are used. */
function leaves(headroom: Headroom | undefined, cores: number): boolean {
  return headroom !== undefined && headroom.idle - cores >= RESERVE * headroom.cores;
}

/** What nine of ten frames take at most. */
function usual(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.9)] ?? 0;
}
