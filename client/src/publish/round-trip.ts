import { percentiles, type Percentiles } from '../live/percentiles.ts';
import type { SenderFigures } from './sender-stats.ts';

/** Milliseconds over which frames count. */
const WINDOW_MS = 10_000;
/** Frames without which nothing is said: a foreign timestamp may be taken for one of ours by chance, but not again and again. */
const LEAST = 10;

/**
 * The time from a frame's capture in this page to its annotated picture being displayed on the same page, milliseconds.
 *
 * `measured`: each annotated frame that is displayed is known to be a certain captured one, so nothing is left out from the browser getting it from the device to the display
 * of `requestVideoFrameCallback`, and both times are of one clock. It is known
 * - by its RTP timestamp, where the server keeps its publisher's and the browser tells when the frames that it sends were captured (sent-frames.ts), or
 * - on request by a strip of squares with its number and time in the picture itself (time-coded-track.ts), which trusts nothing but what is seen.
 *
 * `estimated`, where neither is to be had: the sum of what each part says of itself: encoding and queueing here (WebRTC statistics), half the network's round trip, and the
 * player's figure from capture on the server to display here. Left out are the wait before this page's encoder and the server's jitter buffer and decoder.
 */
export interface RoundTrip extends Percentiles {
  readonly method: 'measured' | 'estimated';
}

/** Round trips of single frames. */
export class RoundTripMeter {
  #frames: { readonly ms: number; readonly at: number }[] = [];

  /**
   * @param ms of one frame
   * @param at when it was displayed, milliseconds since the epoch
   */
  add(ms: number, at: number): void {
    this.#frames = [...this.#frames.filter((frame) => frame.at > at - WINDOW_MS), { ms, at }];
  }

  /**
   * Over the last seconds; undefined where too few frames were known.
   * @param at milliseconds since the epoch
   */
  roundTrip(at: number): RoundTrip | undefined {
    const recent = this.#frames.filter((frame) => frame.at > at - WINDOW_MS);
    const values = recent.length < LEAST ? undefined : percentiles(recent.map(({ ms }) => ms));
    return values === undefined ? undefined : { ...values, method: 'measured' };
  }

  reset(): void {
    this.#frames = [];
  }
}

/** @param shown of the player of the annotated stream: capture on the server to display here */
export function estimateRoundTrip(sent: Pick<SenderFigures, 'sendMs' | 'rttMs'> | undefined, shown: Percentiles | undefined): RoundTrip | undefined {
  if (sent?.sendMs === undefined || sent.rttMs === undefined || shown === undefined) return undefined;
  const there = sent.sendMs + sent.rttMs / 2;
  return { p50: there + shown.p50, p95: there + shown.p95, method: 'estimated' };
}
