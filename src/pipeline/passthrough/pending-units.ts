import type { PassthroughSource, SourceUnits } from './passthrough-source.ts';

/** Units of frames that a full pipeline has dropped; beyond, the source's next key frame is waited for. */
const MAX_CARRIED = 256;

/** Keeps what dropped frames were decoded from for the next frame that passes: later pictures refer to them. */
export class PendingUnits {
  #carried: SourceUnits | undefined;

  /** A frame was dropped. */
  hold(coded: PassthroughSource | undefined): void {
    const joined = this.join(coded);
    if (coded === undefined || 'obstacle' in coded || joined === undefined || 'obstacle' in joined || joined.units.length > MAX_CARRIED) return;
    this.#carried = joined;
  }

  /** What the next frame that passes was decoded from, those before it included. */
  join(coded: PassthroughSource | undefined): PassthroughSource | undefined {
    const carried = this.#carried;
    this.#carried = undefined;
    if (coded === undefined || 'obstacle' in coded || carried?.codec !== coded.codec) return coded;
    return { ...coded, units: [...carried.units, ...coded.units] };
  }
}
