import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';

/** A message, and when this page had it. */
export interface Kept {
  readonly message: AnnotationMessage;
  /** On the clock of `performance.now()`. */
  readonly arrivedAt: number;
}

/** Some seconds of messages: for frames that are shown late, and for the trails behind them. */
const CAPACITY = 300;
/** Ticks of the RTP clock, 90 kHz: what is further away than this belongs to another timeline. */
const TIMELINE = 90_000 * 20;

/** Signed distance `a - b` of two RTP timestamps in 90 kHz ticks, right across a wrap (RFC 1982 arithmetic). */
export function rtpDistance(a: number, b: number): number {
  return (a - b) | 0;
}

/**
 * The last annotation messages in the order of their frames, whatever the order in which they came. It is bounded; a message of another
 * timeline, which a new publisher begins, takes the place of all that there were.
 */
export class MessageStore {
  #kept: Kept[] = [];

  /** Takes a message; one about the same frame is replaced. */
  add(message: AnnotationMessage, arrivedAt: number): void {
    const newest = this.newest;
    if (newest !== undefined && Math.abs(rtpDistance(message.rtp, newest.message.rtp)) > TIMELINE) this.#kept = [];
    const before = this.#kept.findLastIndex((one) => rtpDistance(one.message.rtp, message.rtp) <= 0);
    const replaced = this.#kept[before]?.message.rtp === message.rtp;
    this.#kept.splice(replaced ? before : before + 1, replaced ? 1 : 0, { message, arrivedAt });
    if (this.#kept.length > CAPACITY) this.#kept.shift();
  }

  /** The one about exactly this frame. */
  at(rtp: number): Kept | undefined {
    const kept = this.upTo(rtp);
    return kept?.message.rtp === rtp ? kept : undefined;
  }

  /** The newest that is not about a later frame. */
  upTo(rtp: number): Kept | undefined {
    return this.#kept.findLast((one) => rtpDistance(one.message.rtp, rtp) <= 0);
  }

  /** The oldest that is about a later frame. */
  after(rtp: number): Kept | undefined {
    const index = this.#kept.findLastIndex((one) => rtpDistance(one.message.rtp, rtp) <= 0);
    return this.#kept[index + 1];
  }

  /** Those about this frame and the time before it, oldest first. @param span 90 kHz ticks */
  back(rtp: number, span: number): readonly Kept[] {
    return this.#kept.filter((one) => {
      const distance = rtpDistance(rtp, one.message.rtp);
      return distance >= 0 && distance <= span;
    });
  }

  get newest(): Kept | undefined {
    return this.#kept.at(-1);
  }

  /** What comes has nothing to do with what was before. */
  clear(): void {
    this.#kept = [];
  }
}
