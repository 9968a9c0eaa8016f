import type { FrameId } from '../frame.ts';
import type { Coded, CodedUnit } from './coded.ts';

/** Units of frames that a full pipeline has dropped; beyond, the source's next key frame is waited for. */
const MAX_CARRIED = 256;

/** Keeps what dropped frames were decoded from for the next frame that passes: later pictures refer to them. */
export class CarriedUnits {
  #units: CodedUnit[] = [];

  /** A frame was dropped. */
  hold(id: FrameId, coded: Coded | undefined): void {
    if (coded === undefined || 'obstacle' in coded || this.#units.length + coded.units.length > MAX_CARRIED) {
      this.#units = [];
      return;
    }
    coded.units.at(-1)!.id = id;
    this.#units.push(...coded.units);
  }

  /** What the next frame that passes was decoded from, those before it included. */
  join(coded: Coded | undefined): Coded | undefined {
    const carried = this.#units;
    this.#units = [];
    if (coded === undefined || 'obstacle' in coded || carried.length === 0) return coded;
    return { units: [...carried, ...coded.units] };
  }
}
