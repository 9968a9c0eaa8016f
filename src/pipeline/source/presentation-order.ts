/** A packet on its way to being shown. */
export interface Presented {
  /** Its presentation time on the source's clock, in milliseconds; undefined where it has none. */
  readonly mediaMs: number | undefined;
  /** The same in ticks of its stream, as libav has it. */
  readonly pts: bigint;
}

/** A decoding time that is this far behind the one before, in milliseconds, is of a timeline that has begun anew. */
const JUMP_MS = 500;
/** Most packets that may wait; more have no picture of their own. */
const MAX_WAITING = 1000;

/**
 * Brings packets, which come in the order in which they are decoded, into that in which they are shown. A packet is shown once decoding
 * has come to its presentation time: no later packet can be shown earlier (ISO/IEC 13818-1 §2.4.2.3: PTS ≥ DTS).
 */
export class PresentationOrder {
  #waiting: Presented[] = [];
  /** Those of a timeline that is over, and those without a time. */
  #due: Presented[] = [];
  #decodedMs = -Infinity;
  #shownMs = -Infinity;

  /** @param dtsMs when it is decoded; undefined where the source does not tell, which sources without B-frames need not */
  push(packet: Presented, dtsMs: number | undefined): void {
    const { mediaMs } = packet;
    if (mediaMs === undefined) return void this.#due.push(packet);
    const decodedMs = dtsMs ?? mediaMs;
    if (decodedMs < this.#decodedMs - JUMP_MS) {
      this.#due.push(...this.#waiting.splice(0));
      this.#shownMs = -Infinity;
    }
    this.#decodedMs = decodedMs;
    const behind = this.#waiting.findLastIndex((one) => one.mediaMs! <= mediaMs);
    this.#waiting.splice(behind + 1, 0, packet);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /**
   * Those that are shown now, in their order; those that were shown as pictures are left out.
   * @param all none follows
   */
  take(all = false): Presented[] {
    const first = all ? -1 : this.#waiting.findIndex((one) => one.mediaMs! > this.#decodedMs);
    const fresh = this.#waiting.splice(0, first < 0 ? this.#waiting.length : first).filter(({ mediaMs = 0 }) => {
      if (mediaMs <= this.#shownMs) return false;
      this.#shownMs = mediaMs;
      return true;
    });
    return [...this.#due.splice(0), ...fresh];
  }

  /** Whether something of this time, or of a later one, was shown. */
  wasShown(mediaMs: number | undefined): boolean {
    return mediaMs !== undefined && mediaMs <= this.#shownMs;
  }

  /** The picture of a packet was shown: what comes before it no longer is. */
  shown(mediaMs: number | undefined): void {
    this.#due.length = 0;
    if (mediaMs === undefined) return;
    this.#shownMs = mediaMs;
    this.#waiting = this.#waiting.filter((one) => one.mediaMs! > mediaMs);
  }
}
