import type { FrameId } from '../pipeline/frame.ts';

/** Edge of a square of the time code, pixels. */
export const TIMECODE_SQUARE = 16;
/** Squares of row 1: `seq`. */
const SEQ_BITS = 32;
/** Squares of row 2: `capturedAt` in whole milliseconds. */
const TIME_BITS = 48;
const WHITE = 235;
const BLACK = 16;
/** A square whose mean luma lies between these is neither. */
const DARKEST_WHITE = 165;
const BRIGHTEST_BLACK = 86;
/** Pixels left out at each edge of a square when it is read: what a lossy encoder smears. */
const MARGIN = 4;

export interface Timecode {
  readonly seq: number;
  /** Whole milliseconds since the epoch. */
  readonly capturedAt: number;
}

type Planes = readonly [Uint8Array, Uint8Array, Uint8Array];
type Strides = readonly [number, number, number];

/**
 * Draws the two rows of squares, least significant bit first, top left. In a picture narrower than 48 squares the squares that don't
 * fit are left out.
 */
export function writeTimecode(id: Pick<FrameId, 'seq' | 'capturedAt'>, planes: Planes, strides: Strides, width: number, height: number): void {
  writeRow(0, SEQ_BITS, id.seq, planes, strides, width, height);
  writeRow(1, TIME_BITS, Math.floor(id.capturedAt), planes, strides, width, height);
}

function writeRow(row: number, bits: number, value: number, planes: Planes, strides: Strides, width: number, height: number): void {
  const y = row * TIMECODE_SQUARE;
  for (let bit = 0; bit < bits; bit += 1) {
    const x = bit * TIMECODE_SQUARE;
    fill(planes[0], strides[0], x, y, TIMECODE_SQUARE, width, height, bitOf(value, bit) ? WHITE : BLACK);
    for (const plane of [1, 2] as const) {
      fill(planes[plane], strides[plane], x / 2, y / 2, TIMECODE_SQUARE / 2, (width + 1) >> 1, (height + 1) >> 1, 128);
    }
  }
}

function fill(plane: Uint8Array, stride: number, x: number, y: number, size: number, width: number, height: number, value: number): void {
  const to = Math.min(x + size, width);
  if (x >= to) return;
  for (let row = y; row < Math.min(y + size, height); row += 1) plane.fill(value, row * stride + x, row * stride + to);
}

function bitOf(value: number, bit: number): boolean {
  return Math.floor(value / 2 ** bit) % 2 === 1;
}

/**
 * Reads the time code out of a luma plane, also after a lossy encoder, by the mean of the middle of each square. Full-range luma reads
 * just as well.
 *
 * @param stride bytes from one row to the next; a picture must be at least 768×32
 * @returns undefined where the squares are not clearly black and white
 */
export function readTimecode(planeY: Uint8Array, stride: number): Timecode | undefined {
  const seq = readRow(planeY, stride, 0, SEQ_BITS);
  const capturedAt = readRow(planeY, stride, 1, TIME_BITS);
  return seq === undefined || capturedAt === undefined ? undefined : { seq, capturedAt };
}

function readRow(planeY: Uint8Array, stride: number, row: number, bits: number): number | undefined {
  if (stride < bits * TIMECODE_SQUARE || planeY.length < (row * TIMECODE_SQUARE + TIMECODE_SQUARE - 1) * stride + bits * TIMECODE_SQUARE)
    return undefined;
  let value = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const mean = meanOf(planeY, stride, bit * TIMECODE_SQUARE, row * TIMECODE_SQUARE);
    if (mean > BRIGHTEST_BLACK && mean < DARKEST_WHITE) return undefined;
    if (mean >= DARKEST_WHITE) value += 2 ** bit;
  }
  return value;
}

function meanOf(planeY: Uint8Array, stride: number, x: number, y: number): number {
  let sum = 0;
  for (let row = y + MARGIN; row < y + TIMECODE_SQUARE - MARGIN; row += 1) {
    for (let column = x + MARGIN; column < x + TIMECODE_SQUARE - MARGIN; column += 1) sum += planeY[row * stride + column] ?? 0;
  }
  return sum / (TIMECODE_SQUARE - 2 * MARGIN) ** 2;
}
