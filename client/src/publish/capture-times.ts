/** Frames that are remembered, of all layers together: some seconds. */
const KEPT = 600;
/** RTP ticks (90 kHz) by which a server may miss when it moves the timestamps of one layer onto those of another; frames are a thousand and more apart. */
const TOLERANCE = 250;

/** When frames that were sent had been captured, by their RTP timestamps. */
export class CaptureTimes {
  /** Milliseconds since the epoch by RTP timestamp, oldest first. */
  readonly #times = new Map<number, number>();

  /**
   * @param rtp 90 kHz ticks, uint32
   * @param capturedAt milliseconds since the epoch
   */
  keep(rtp: number, capturedAt: number): void {
    this.#times.set(rtp, capturedAt);
    if (this.#times.size > KEPT) this.#times.delete(this.#times.keys().next().value!);
  }

  /** Of the frame whose timestamp this is, or is next to; undefined where there is none. */
  of(rtp: number): number | undefined {
    const exact = this.#times.get(rtp);
    if (exact !== undefined) return exact;
    let nearest: number | undefined;
    let least = TOLERANCE + 1;
    for (const [other, capturedAt] of this.#times) {
      // Timestamps wrap.
      const distance = Math.abs((other - rtp) | 0);
      if (distance < least) [least, nearest] = [distance, capturedAt];
    }
    return nearest;
  }
}
