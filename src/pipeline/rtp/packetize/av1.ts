import { leb128 } from '../obu.ts';
import { MAX_PAYLOAD, type Payloader } from './payloader.ts';

/** Bits of an aggregation header (§4.4). */
const Z = 0x80;
const Y = 0x40;
const N = 0x08;
/** With up to so many elements in a payload, their number is told, and the last has no length. */
const MAX_COUNT = 3;
/** Bytes of the length of an element that fits into a payload. */
const LENGTH = 2;
const CAPACITY = MAX_PAYLOAD - 1;

/** The elements of one payload: OBUs, and pieces of them. */
interface Plan {
  readonly elements: Buffer[];
  /** The first goes on from the payload before. */
  readonly continues: boolean;
}

/** AV1 (RTP Payload Format for AV1, 1.0): the OBUs of a temporal unit, without sizes, one after the other, cut where a payload is full. */
export class Av1Payloader implements Payloader {
  payloads(obus: readonly Buffer[], key: boolean): Buffer[] {
    const plans = plan(obus);
    return plans.map(({ elements, continues }, i) => {
      const count = elements.length <= MAX_COUNT ? elements.length : 0;
      const header = (continues ? Z : 0) | (plans[i + 1]?.continues === true ? Y : 0) | (count << 4) | (key && i === 0 ? N : 0);
      const body = elements.flatMap((element, at) => (at === count - 1 ? [element] : [leb128(element.length), element]));
      return Buffer.concat([Buffer.of(header), ...body]);
    });
  }
}

/** As few payloads as there can be, of nearly equal size. */
function plan(obus: readonly Buffer[]): Plan[] {
  const total = obus.reduce((sum, { length }) => sum + LENGTH + length, 0);
  // At each cut, one more length is needed, or its room is left empty.
  const count = Math.ceil(total / (CAPACITY - LENGTH));
  const share = Math.min(CAPACITY, Math.ceil(total / count) + LENGTH);
  const plans: Plan[] = [];
  let room = 0;
  for (const obu of obus) {
    for (let at = 0; at < obu.length; ) {
      if (room <= LENGTH) {
        plans.push({ elements: [], continues: at > 0 });
        room = share;
      }
      const piece = obu.subarray(at, at + room - LENGTH);
      plans.at(-1)!.elements.push(piece);
      room -= LENGTH + piece.length;
      at += piece.length;
    }
  }
  return plans;
}
