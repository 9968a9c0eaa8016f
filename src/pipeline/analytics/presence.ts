/** A track that is in none of this many new results of its detector, … */
const MISSED = 3;
/** … for this long, in ms, is gone: longer than trackers wait for those that are hidden. */
const GONE_MS = 1500;
/** One whose detector says nothing for this long, in ms, is gone as well. */
const SILENT_MS = 5000;

/** How long ago a track was seen, by time and by its detector's results. */
export class Presence {
  readonly detector: string;
  seenAt: number;
  #missed = 0;

  constructor(detector: string, at: number) {
    this.detector = detector;
    this.seenAt = at;
  }

  see(at: number): void {
    this.seenAt = at;
    this.#missed = 0;
  }

  /** Its detector has given a result without it. */
  miss(): void {
    this.#missed += 1;
  }

  isGone(at: number): boolean {
    const absent = at - this.seenAt;
    return absent > SILENT_MS || (absent > GONE_MS && this.#missed >= MISSED);
  }
}
