/** A colour as a picture stores it. */
export interface Yuv {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** How a picture's numbers stand for colours: the coefficients of its colour matrix, and the part of 0…255 that is used. */
export interface ColorCoding {
  readonly matrix: 'bt601' | 'bt709';
  readonly range: 'limited' | 'full';
}

/** Red, green, blue; 0…255. */
export type Rgb = readonly [number, number, number];

/** Shares of red and blue in luma. */
const WEIGHTS = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722] } as const;

/** Bright enough for any picture and apart from each other for colour-blind eyes too (after Okabe and Ito, 2008). */
const PALETTE = ['#2dd4bf', '#fbbf24', '#60a5fa', '#f472b6', '#a3e635', '#fb923c', '#c084fc', '#f87171', '#e2e8f0'] as const;

/** What is seen most has its own colour everywhere. */
const KNOWN: Readonly<Record<string, string>> = {
  person: '#2dd4bf',
  car: '#fbbf24',
  bus: '#c084fc',
  truck: '#fb923c',
  bicycle: '#a3e635',
  motorcycle: '#f472b6',
  face: '#f87171',
  'traffic light': '#f87171',
};

/** The colour of a label, the same in every frame and process. @returns `#rrggbb` */
export function labelColor(label: string, chosen: Readonly<Record<string, string>> = {}): string {
  // Labels come out of models: one called `constructor` must not find what every object has.
  if (Object.hasOwn(chosen, label)) return chosen[label]!;
  return Object.hasOwn(KNOWN, label) ? KNOWN[label]! : PALETTE[hash(label) % PALETTE.length]!;
}

/** @param color `#rrggbb` */
export function rgbOf(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

/** RGB to YCbCr, 8 bit (ITU-T H.273, non-constant luminance). */
export function toYuv([red, green, blue]: Rgb, { matrix, range }: ColorCoding): Yuv {
  const [kr, kb] = WEIGHTS[matrix];
  const luma = kr * red + (1 - kr - kb) * green + kb * blue;
  const u = (blue - luma) / (2 * (1 - kb));
  const v = (red - luma) / (2 * (1 - kr));
  if (range === 'full') return { y: Math.round(luma), u: chroma(u), v: chroma(v) };
  return { y: Math.round(16 + (luma * 219) / 255), u: chroma((u * 224) / 255), v: chroma((v * 224) / 255) };
}

/** Black or white, whichever reads better on a colour (WCAG relative luminance, with its contrast formula solved for equality). */
export function inkOn(rgb: Rgb): Rgb {
  const [red, green, blue] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? [12, 14, 18] : [255, 255, 255];
}

function chroma(value: number): number {
  return Math.min(255, Math.round(128 + value));
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c_9dc5;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x0100_0193);
  return value >>> 0;
}
