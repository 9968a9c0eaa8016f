import { percentiles, type Percentiles } from '../live/percentiles.ts';

/** How well pictures and boxes keep together. */
export interface LockFigures {
  /** Frames between the picture and the frame that its boxes belong to, of the last frames; 0 is what it must be. */
  readonly offset: Percentiles | undefined;
  /** What the offset was measured by: the time code in the picture, else the RTP timestamps. */
  readonly by: 'timecode' | 'rtp';
  /** Frames drawn upon, since the start or the last change of the stream. */
  readonly frames: number;
  /** Of these, those whose message was there when they were shown. */
  readonly inTime: number;
  /** Those whose message came while they were still shown. */
  readonly corrected: number;
  /** Those that have only been shown with moved boxes, or none. */
  readonly estimated: number;
  /** Milliseconds from a frame's display to its message's arrival; negative: the message was there first. */
  readonly lateness: Percentiles | undefined;
  /** Messages that did not come. */
  readonly lost: number;
}

/** Frames that the percentiles are taken over. */
const KEPT = 300;
/** Milliseconds after which a message is not waited for any more: the server gives it up then. */
const LOST_MS = 1500;

/** Counts and measures what `DrawnBoxes` draws. */
export class LockMeter {
  /** When frames were shown whose message is still to come, by its timestamp. */
  readonly #missing = new Map<number, number>();
  #offsets: number[] = [];
  #lateness: number[] = [];
  #by: LockFigures['by'] = 'rtp';
  #counts = { frames: 0, inTime: 0, corrected: 0, lost: 0 };

  /**
   * A frame is shown.
   * @param rtp that its message has
   * @param arrivedAt when that came; undefined while it has not. Both times of `performance.now()`
   */
  shown(rtp: number, at: number, arrivedAt: number | undefined): void {
    this.#counts.frames += 1;
    if (arrivedAt === undefined) this.#missing.set(rtp, at);
    else {
      this.#counts.inTime += 1;
      this.#late(arrivedAt - at);
    }
    for (const [missing, since] of this.#missing) {
      if (at - since <= LOST_MS) break;
      this.#missing.delete(missing);
      this.#counts.lost += 1;
    }
  }

  /** A message has come. @param onScreen whether its frame still is, and was drawn anew */
  arrived(rtp: number, at: number, onScreen: boolean): void {
    const since = this.#missing.get(rtp);
    if (since === undefined) return;
    this.#missing.delete(rtp);
    this.#late(at - since);
    if (onScreen) this.#counts.corrected += 1;
  }

  /** A frame was drawn with a message that is said to be its own. @param offset in frames */
  measured(offset: number, by: LockFigures['by']): void {
    // What one way measured does not mix with what the other did.
    if (by !== this.#by) this.#offsets = [];
    this.#by = by;
    this.#offsets = [...this.#offsets.slice(1 - KEPT), offset];
  }

  get figures(): LockFigures {
    const { frames, inTime, corrected, lost } = this.#counts;
    return { offset: percentiles(this.#offsets.map(Math.abs)), by: this.#by, frames, inTime, corrected, estimated: frames - inTime - corrected, lateness: percentiles(this.#lateness), lost };
  }

  /** Pictures come at another time from now on: how late messages were before says nothing any more. */
  retimed(): void {
    this.#missing.clear();
    this.#lateness = [];
  }

  reset(): void {
    this.#missing.clear();
    this.#offsets = [];
    this.#lateness = [];
    this.#counts = { frames: 0, inTime: 0, corrected: 0, lost: 0 };
  }

  #late(ms: number): void {
    this.#lateness = [...this.#lateness.slice(1 - KEPT), ms];
  }
}
