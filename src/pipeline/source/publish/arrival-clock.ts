import { RTP_TICKS_PER_MS } from '../../frame.ts';

/** By how much the clock lets a delay that has grown become the usual one, in milliseconds a millisecond: clocks drift less than this. */
const LEAK = 0.001;
/** Further from its arrival than this, a frame belongs to a timeline that has begun anew; in milliseconds. */
const MAX_DELAY_MS = 2000;

/**
 * When the frames of a far clock were captured, on this machine's clock: their RTP timestamps and the shortest delay that was seen, so
 * that what the network adds to single frames is not in it.
 *
 * Not `SourceClock` because publishers' clocks are sound (RTP, 90 kHz) but their networks are not: a delay of up to 2 s that lasts is
 * the way's, and may hardly move the estimate, where a live source's is taken for a clock that runs up to 3 % slow.
 */
export class ArrivalClock {
  #last: { readonly timestamp: number; readonly mediaMs: number; readonly at: number } | undefined;
  /** Wall-clock time of the timeline's zero. */
  #offsetMs = 0;

  /**
   * @param timestamp of the frame: 90 kHz ticks, uint32
   * @param at when it had arrived: milliseconds since the epoch
   * @returns when it was captured, or as if the way had taken no time: milliseconds since the epoch
   */
  capturedAt(timestamp: number, at: number): number {
    const last = this.#last;
    const mediaMs = last === undefined ? 0 : last.mediaMs + ((timestamp - last.timestamp) | 0) / RTP_TICKS_PER_MS;
    const delay = at - mediaMs - this.#offsetMs;
    if (last === undefined || delay < 0 || delay > MAX_DELAY_MS) this.#offsetMs = at - mediaMs;
    else this.#offsetMs += Math.min(delay, Math.max(0, at - last.at) * LEAK);
    this.#last = { timestamp, mediaMs, at };
    return mediaMs + this.#offsetMs;
  }
}
