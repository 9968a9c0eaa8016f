import sharp from 'sharp';
import type { FrameChoice } from './wire.ts';
import type { OfferedFrame } from './worker.ts';

// Each frame has its own thread of libuv's pool; what libvips would keep is never used again.
sharp.concurrency(1);
sharp.cache(false);

/** The bytes of a picture as they are sent. */
export async function inFormat({ picture, width, height }: OfferedFrame, { format, quality }: FrameChoice): Promise<Buffer> {
  if (format === 'rgb') return picture;
  return sharp(picture, { raw: { width, height, channels: 3 }, limitInputPixels: false }).jpeg({ quality }).toBuffer();
}
