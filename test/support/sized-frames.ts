import type { Page } from 'playwright-core';

/** Squares of the strip that a publisher with `measure` draws into its picture, in a row that is as wide as the picture. */
const SQUARES = 80;
const BITS = 32;

/** The label of a frame, for a detector that reads its number. */
export const labelOf = (number: number): string => `frame ${number}`;

/**
 * The number that a publisher drew into a picture.
 * @param pixels rows from top to bottom without gaps; the first byte of each pixel is its brightness, or red
 */
export function numberIn(pixels: Buffer, { width, bytes }: { readonly width: number; readonly bytes: number }): number {
  const square = width / SQUARES;
  const bits = Array.from({ length: BITS }, (_, bit) => pixels[(Math.floor(square / 2) * width + Math.floor((bit + 0.5) * square)) * bytes]! > 127);
  return bits.reduce((sum, set, bit) => sum + (set ? 2 ** bit : 0), 0);
}

/** What a player has drawn, and what its picture says. */
export interface SizedFrame {
  /** Pixels of the picture as it came. */
  readonly width: number;
  /** Pixels of the frame that detectors got; undefined where its message has not come. */
  readonly full: number | undefined;
  /** The number in the picture. */
  readonly number: number;
  /** The label that a detector gave this very frame; undefined where it gave none. */
  readonly label: string | undefined;
}

/** Keeps what the player on the page draws from now on, for what follows. */
export async function keepFrames(page: Page): Promise<void> {
  await page.evaluate(
    ({ squares, bits }) => {
      interface Player extends HTMLElement {
        annotationFor(rtp: number): { width: number; detections: { label: string }[] } | undefined;
      }
      const player = document.querySelector('framelock-player') as Player;
      const picture = player.shadowRoot!.querySelector('canvas')!;
      const strip = new OffscreenCanvas(bits, 1).getContext('2d', { willReadFrequently: true })!;
      const frames: SizedFrame[] = [];
      Object.assign(globalThis, { framelockFrames: frames });
      player.addEventListener('framelock-drawn', (event) => {
        const { rtp, kind, ages } = (event as CustomEvent<{ rtp: number; kind: string; ages: Record<string, number> }>).detail;
        const { width } = picture;
        const square = width / squares;
        // Of each square the middle: encoders blur its edges.
        for (let bit = 0; bit < bits; bit++) strip.drawImage(picture, (bit + 0.25) * square, 0.25 * square, square / 2, square / 2, bit, 0, 1, 1);
        const { data } = strip.getImageData(0, 0, bits, 1);
        let number = 0;
        for (let bit = 0; bit < bits; bit++) if (data[bit * 4 + 1]! > 127) number += 2 ** bit;
        const own = kind === 'exact' && Object.values(ages).includes(0);
        const message = player.annotationFor(rtp);
        frames.push({ width, full: message?.width, number, label: own ? message?.detections[0]?.label : undefined });
      });
    },
    { squares: SQUARES, bits: BITS },
  );
}

/** Shows the player in this size. */
export async function showIn(page: Page, size: { readonly width: number; readonly height: number }): Promise<void> {
  await page.evaluate(({ width, height }) => Object.assign((document.querySelector('framelock-player') as HTMLElement).style, { width: `${width}px`, height: `${height}px` }), size);
}

/** Which frames are waited for. */
export interface Wanted {
  /** How many spatial layers are between the picture and what detectors got. */
  readonly skippedLayers: number;
  /** What detectors got is wider, narrower than this. */
  readonly above?: number;
  readonly below?: number;
}

/** Resolves when the player on the page has drawn so many further frames of this kind that a detector had looked at. */
export async function framesOf(page: Page, wanted: Wanted, count: number, timeout: number): Promise<void> {
  const from = (await sizedFrames(page)).length;
  await page.waitForFunction(
    ({ skippedLayers, above = 0, below = Infinity, count, from }) => {
      const { framelockFrames } = globalThis as unknown as { framelockFrames: SizedFrame[] };
      const meant = ({ width, full = 0, label }: SizedFrame): boolean => label !== undefined && full > above && full < below && Math.round(Math.log2(full / width)) === skippedLayers;
      return framelockFrames.slice(from).filter(meant).length >= count;
    },
    { ...wanted, count, from },
    { timeout, polling: 100 },
  );
}

/** All that was kept. */
export function sizedFrames(page: Page): Promise<SizedFrame[]> {
  return page.evaluate(() => (globalThis as unknown as { framelockFrames: SizedFrame[] }).framelockFrames);
}
