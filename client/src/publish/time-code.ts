/** Edge of a square, pixels of the published picture. The strip is that of the generated scene (docs/demo-scene.md), so the same readers read it. */
const SQUARE = 16;
const SEQ_BITS = 32;
const MS_BITS = 48;
/** Luma 235 and 16, as the browser's colours give them. */
const WHITE = '#fff';
const BLACK = '#000';
/** Pixels that a square is scaled to for reading. */
const READ = 4;

export const TIME_CODE = { width: MS_BITS * SQUARE, height: 2 * SQUARE } as const;

/** What the strip says of the frame that it stands in. */
export interface TimeCode {
  readonly seq: number;
  /** Milliseconds since the epoch, whole. */
  readonly capturedAt: number;
}

/** Draws the strip into the upper left corner. */
export function drawTimeCode(context: CanvasRenderingContext2D, { seq, capturedAt }: TimeCode): void {
  drawRow(context, 0, SEQ_BITS, seq);
  drawRow(context, 1, MS_BITS, capturedAt);
}

/**
 * Reads the strip out of a picture.
 * @param scale from the picture that it was drawn into to this one
 * @param context of a canvas for this alone, made by `readingContext`
 */
export function readTimeCode(picture: CanvasImageSource, scale: number, context: CanvasRenderingContext2D): TimeCode {
  context.drawImage(picture, 0, 0, TIME_CODE.width * scale, TIME_CODE.height * scale, 0, 0, MS_BITS * READ, 2 * READ);
  return timeCodeOf(context.getImageData(0, 0, MS_BITS * READ, 2 * READ).data);
}

/** A context that `readTimeCode` can use. */
export function readingContext(): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = MS_BITS * READ;
  canvas.height = 2 * READ;
  return canvas.getContext('2d', { willReadFrequently: true })!;
}

/** @param pixels RGBA of the strip alone, `READ` pixels a square */
export function timeCodeOf(pixels: Uint8ClampedArray): TimeCode {
  return { seq: readRow(pixels, 0, SEQ_BITS), capturedAt: readRow(pixels, 1, MS_BITS) };
}

function drawRow(context: CanvasRenderingContext2D, row: number, bits: number, value: number): void {
  for (let bit = 0; bit < bits; bit += 1) {
    context.fillStyle = bitOf(value, bit) ? WHITE : BLACK;
    context.fillRect(bit * SQUARE, row * SQUARE, SQUARE, SQUARE);
  }
}

function readRow(pixels: Uint8ClampedArray, row: number, bits: number): number {
  let value = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    let sum = 0;
    // Edges are blurred by encoders and by scaling: the middle counts.
    for (let y = 1; y < READ - 1; y += 1) {
      for (let x = 1; x < READ - 1; x += 1) sum += pixels[((row * READ + y) * MS_BITS * READ + bit * READ + x) * 4 + 1] ?? 0;
    }
    // Bits beyond the 31st are no business of integer operators.
    if (sum / (READ - 2) ** 2 > 127) value += 2 ** bit;
  }
  return value;
}

function bitOf(value: number, bit: number): boolean {
  return Math.floor(value / 2 ** bit) % 2 === 1;
}
