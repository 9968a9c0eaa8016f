import { percentiles, type Percentiles } from '../live/percentiles.ts';
import type { SenderFigures } from './sender-stats.ts';

/** Frames that the percentiles are taken over. */
const KEPT = 300;

/**
 * The time from a frame's capture in this page to its annotated picture being displayed on the same page, milliseconds.
 *
 * - `measured`: each frame carries the time of its capture as a strip of squares through the whole way, and is read when its annotated picture is
 *   displayed. Nothing is left out from the browser getting the frame of the device to the display of `requestVideoFrameCallback`, and one clock is used.
 *   The strip is seen, so it is there on request only.
 * - `estimated`: the sum of what each part says of itself: encoding and queueing here (WebRTC statistics), half the network's round trip, and the
 *   player's figure from capture on the server to display here. Left out are the wait before this page's encoder and the server's jitter buffer and decoder,
 *   some milliseconds on a good network.
 */
export interface RoundTrip extends Percentiles {
  readonly method: 'measured' | 'estimated';
}

/** Round trips of single frames. */
export class RoundTripMeter {
  #values: number[] = [];

  /** @param ms of one frame */
  add(ms: number): void {
    this.#values = [...this.#values.slice(1 - KEPT), ms];
  }

  /** Undefined before the first frame. */
  get roundTrip(): RoundTrip | undefined {
    const values = percentiles(this.#values);
    return values === undefined ? undefined : { ...values, method: 'measured' };
  }

  reset(): void {
    this.#values = [];
  }
}

/** @param shown of the player of the annotated stream: capture on the server to display here */
export function estimateRoundTrip(sent: Pick<SenderFigures, 'sendMs' | 'rttMs'> | undefined, shown: Percentiles | undefined): RoundTrip | undefined {
  if (sent?.sendMs === undefined || sent.rttMs === undefined || shown === undefined) return undefined;
  const there = sent.sendMs + sent.rttMs / 2;
  return { p50: there + shown.p50, p95: there + shown.p95, method: 'estimated' };
}
