import type { Spans } from './shape-raster.ts';

/** A sample becomes (11 × itself + 5 × the colour) / 16: sixteenths, because these can be worked out for several samples at once. */
const KEPT = 11;
const GIVEN = 5;
/** Every other byte of four. */
const PAIR = 0x00ff_00ff;

/** Planes as words of four samples; pictures' memory is used again and again, so each is made once. */
const words = new WeakMap<Buffer, Uint32Array>();

/** Moves samples towards a value, five sixteenths of the way. @param value 0…255 */
export function tintSpans(plane: Buffer, stride: number, spans: Spans, value: number): void {
  const given = GIVEN * value + 8;
  // Lines of odd lengths, as no decoder makes them, have no words that begin at whole ones.
  const wide = stride % 4 === 0 && plane.byteOffset % 4 === 0 ? wordsOf(plane) : undefined;
  for (let i = 0; i < spans.length; i += 3) {
    const row = spans[i]! * stride;
    const [start, end] = [row + spans[i + 1]!, row + spans[i + 2]!];
    const [first, last] = wide === undefined ? [end, end] : [Math.min(end, (start + 3) & ~3), end & ~3];
    for (let at = start; at < first; at++) plane[at] = (plane[at]! * KEPT + given) >> 4;
    if (wide === undefined || last < first) continue;
    tintWords(wide, first >> 2, last >> 2, given);
    for (let at = last; at < end; at++) plane[at] = (plane[at]! * KEPT + given) >> 4;
  }
}

/** Two bytes in each half of a word do not reach each other: 255 × 16 is less than 2¹⁶. */
function tintWords(wide: Uint32Array, first: number, last: number, given: number): void {
  const both = given | (given << 16);
  for (let at = first; at < last; at++) {
    const four = wide[at]!;
    const even = (((four & PAIR) * KEPT + both) >>> 4) & PAIR;
    const odd = ((((four >>> 8) & PAIR) * KEPT + both) >>> 4) & PAIR;
    wide[at] = even | (odd << 8);
  }
}

function wordsOf(plane: Buffer): Uint32Array {
  let view = words.get(plane);
  if (view === undefined) words.set(plane, (view = new Uint32Array(plane.buffer, plane.byteOffset, plane.length >> 2)));
  return view;
}
