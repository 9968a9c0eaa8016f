import { percentiles, type Percentiles } from '../live/percentiles.ts';
import type { SenderFigures } from './sender-stats.ts';

/** Milliseconds over which frames count. */
const WINDOW_MS = 10_000;
/** Frames without which nothing is said. */
const LEAST = 10;

/**
 * The time from a frame's capture in this page to its annotated picture being displayed on the same page, milliseconds.
 *
 * - `measured`, on request: each published frame carries its number and the time of its capture as a strip of squares in the picture (time-coded-track.ts), which is read when its
 *   annotated picture is displayed. Nothing is left out from the browser getting the frame of the device to the display of `requestVideoFrameCallback`, and one clock is used.
 * - `estimated`: the sum of what each part says of itself: encoding and queueing here (WebRTC statistics), half the network's round trip, and the player's figure from the
 *   frame's arrival on the server to its display here. Left out are the wait before this page's encoder and, at its shortest, that for a frame's last packet on the server.
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

/** @param shown of the player of the annotated stream: a server takes the arrival of a publisher's frame for its capture */
export function estimateRoundTrip(sent: Pick<SenderFigures, 'sendMs' | 'rttMs'> | undefined, shown: Percentiles | undefined): RoundTrip | undefined {
  if (sent?.sendMs === undefined || sent.rttMs === undefined || shown === undefined) return undefined;
  const there = sent.sendMs + sent.rttMs / 2;
  return { p50: there + shown.p50, p95: there + shown.p95, method: 'estimated' };
}
