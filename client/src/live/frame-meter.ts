import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { MessageStore } from '../annotate/message-store.ts';
import { percentiles, type Percentiles } from './percentiles.ts';

/** What is known about the frame on screen. */
export interface ShownFrame {
  /** RTP timestamp, where the browser tells it. */
  readonly rtp: number | undefined;
  readonly seq: number | undefined;
  /** Milliseconds since the epoch, on the server's clock. */
  readonly capturedAt: number | undefined;
  /** Milliseconds since the epoch, on this page's clock. */
  readonly displayedAt: number;
  /** From capture to display, in milliseconds. */
  readonly latencyMs: number | undefined;
  readonly annotation: AnnotationMessage | undefined;
}

/** Latencies that the percentiles are taken over. */
const KEPT_LATENCIES = 150;

/** Joins the frames that are shown with what was said about them, and measures them. */
export class FrameMeter {
  /** What was said about the frames of the last seconds. */
  readonly messages = new MessageStore();
  readonly #times: number[] = [];
  #latencies: number[] = [];

  keep(message: AnnotationMessage): void {
    this.messages.add(message, performance.now());
  }

  /** The message about the frame with this RTP timestamp. */
  annotationFor(rtp: number): AnnotationMessage | undefined {
    return this.messages.at(rtp)?.message;
  }

  /**
   * @param metadata of `requestVideoFrameCallback`
   * @param clockOffset milliseconds from this clock to the server's
   */
  shown(metadata: VideoFrameCallbackMetadata, clockOffset: number | undefined): ShownFrame {
    const { rtpTimestamp: rtp, expectedDisplayTime } = metadata;
    const annotation = rtp === undefined ? undefined : this.messages.at(rtp)?.message;
    // Without a message about it, the browser may know the time of capture itself, on its own clock (abs-capture-time).
    const capturedAt = annotation?.capturedAt ?? serverTime(metadata.captureTime, clockOffset);
    const displayedAt = serverTime(expectedDisplayTime, clockOffset);
    const latencyMs = capturedAt === undefined || displayedAt === undefined ? undefined : displayedAt - capturedAt;
    this.#times.push(expectedDisplayTime);
    while (this.#times[0]! < expectedDisplayTime - 1000) this.#times.shift();
    if (latencyMs !== undefined) this.#latencies = [...this.#latencies.slice(1 - KEPT_LATENCIES), latencyMs];
    return { rtp, seq: annotation?.seq, capturedAt, displayedAt: performance.timeOrigin + expectedDisplayTime, latencyMs, annotation };
  }

  /** Frames shown in the last second before `at` (of `performance.now()`). */
  fps(at: number): number {
    return this.#times.filter((time) => time > at - 1000).length;
  }

  /** Milliseconds; undefined before the first frame that could be measured. */
  latency(): Percentiles | undefined {
    return percentiles(this.#latencies);
  }

  /** Another picture follows: what was measured does not hold for it. */
  reset(): void {
    this.#times.length = 0;
    this.#latencies = [];
  }
}

/** @param time of `performance.now()` @returns milliseconds since the epoch, on the server's clock */
function serverTime(time: number | undefined, clockOffset: number | undefined): number | undefined {
  return time === undefined || clockOffset === undefined ? undefined : performance.timeOrigin + time + clockOffset;
}
