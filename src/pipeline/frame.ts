/**
 * The identity of a frame: given once, where the frame is born (the decoder or the generator), and carried by everything that is
 * ever said about it.
 */
export interface FrameId {
  /** Counts the frames of one stream, without gaps inside one run of its process; uint32. */
  readonly seq: number;
  /** The RTP timestamp of the frame: 90 kHz ticks, uint32. Its publisher's own where it has one, else that of its capture time. */
  readonly rtp: number;
  /** When the frame was captured: milliseconds since the epoch, with fractions, from a clock that never steps back. */
  readonly capturedAt: number;
}

/** When something was captured, on the wall clock and in ticks of its RTP clock. */
export type MediaTime = Pick<FrameId, 'rtp' | 'capturedAt'>;

/** Ticks of the RTP clock for video in a millisecond (RFC 6184 §8.2.1: 90 kHz). */
export const RTP_TICKS_PER_MS = 90;

/**
 * The RTP timestamp of a capture time. It is a pure function of wall-clock time, so that timestamps go on across restarts of the
 * process that makes them, and two variants of a stream give the same frame the same timestamp.
 *
 * @param capturedAt milliseconds since the epoch
 * @returns 90 kHz ticks, uint32
 */
export function rtpTimestamp(capturedAt: number): number {
  return Math.round(capturedAt * RTP_TICKS_PER_MS) % 0x1_0000_0000;
}

/** Signed distance `a - b` of two RTP timestamps, in 90 kHz ticks, right across a wrap (RFC 1982 arithmetic). */
export function rtpDistance(a: number, b: number): number {
  return (a - b) | 0;
}

/** Numbers the frames of one stream: sequence numbers count up by one, capture times strictly increase. */
export class FrameNumberer {
  #seq: number;
  /** Of the frame before; −1 before the first one. */
  #lastTicks = -1;
  #lastRtp = 0;

  /** @param firstSeq the number of the first frame */
  constructor(firstSeq = 0) {
    this.#seq = firstSeq >>> 0;
  }

  /** The number that the next frame will get. */
  get nextSeq(): number {
    return this.#seq;
  }

  /**
   * @param capturedAt milliseconds since the epoch; kept to a whole tick, and moved to one tick after the last frame if not later
   */
  number(capturedAt: number): FrameId {
    const ticks = this.#ticks(capturedAt);
    return this.#next(ticks % 0x1_0000_0000, ticks);
  }

  /**
   * Numbers a frame that comes with a timestamp, and keeps it.
   * @param rtp 90 kHz ticks, uint32
   * @param capturedAt as for {@link number}
   */
  adopt(rtp: number, capturedAt: number): FrameId {
    return this.#next(rtp, this.#ticks(capturedAt));
  }

  /**
   * Numbers a frame that the source has not given: it goes on with the timestamps of the last one, whoever has given those.
   * @param capturedAt as for {@link number}
   */
  goOn(capturedAt: number): FrameId {
    if (this.#lastTicks < 0) return this.number(capturedAt);
    const [before, ticks] = [this.#lastTicks, this.#ticks(capturedAt)];
    return this.#next((this.#lastRtp + ticks - before) % 0x1_0000_0000, ticks);
  }

  #ticks(capturedAt: number): number {
    this.#lastTicks = Math.max(Math.round(capturedAt * RTP_TICKS_PER_MS), this.#lastTicks + 1);
    return this.#lastTicks;
  }

  #next(rtp: number, ticks: number): FrameId {
    const seq = this.#seq;
    this.#seq = (seq + 1) >>> 0;
    this.#lastRtp = rtp;
    return { seq, rtp, capturedAt: ticks / RTP_TICKS_PER_MS };
  }
}
