import sharp from 'sharp';

/** A rectangle of a drawing, in the drawing's own units. */
export interface ViewBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box in a raster, in pixels from its upper left corner; right and bottom are exclusive. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What an encoded SVG may hold: a scene of the greatest size has about as many. */
const MAX_PIXELS = 5000 * 5000;

/**
 * Draws SVG, outside the main thread.
 *
 * @param body elements inside the `<svg>`
 * @param width pixels
 * @returns RGBA, 8 bit, not premultiplied, packed
 */
export async function rasterise(body: string, box: ViewBox, width: number, height: number): Promise<Uint8Array> {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" preserveAspectRatio="none" ` +
    `viewBox="${box.x} ${box.y} ${box.width} ${box.height}">${body}</svg>`;
  return sharp(Buffer.from(svg), { limitInputPixels: MAX_PIXELS, unlimited: true }).ensureAlpha().raw().toBuffer();
}
