/** Red, green, blue, 0…255. */
export type Rgb = readonly [number, number, number];

/** @param text `#rrggbb` */
export function rgb(text: string): Rgb {
  const value = Number.parseInt(text.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function css(colour: Rgb): string {
  return `#${colour
    .map((value) =>
      Math.round(Math.min(255, Math.max(0, value)))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** A colour between two: 0 is the first. */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** A colour in coloured light. @param light factors of red, green and blue; 1 is daylight */
export function lit(colour: Rgb, light: Rgb): Rgb {
  return [colour[0] * light[0], colour[1] * light[1], colour[2] * light[2]];
}

/** Coefficients of BT.709 in limited range: luma 16…235, chroma 16…240 (ITU-R BT.709-6 §3). */
export const LUMA = [0.18259, 0.61423, 0.06201] as const;
export const BLUE = [-0.10064, -0.33857, 0.43922] as const;
export const RED = [0.43922, -0.39894, -0.04027] as const;
