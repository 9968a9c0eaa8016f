import type sharp from 'sharp';

/** How much of each pixel a text covers. */
export interface TextMask {
  readonly width: number;
  readonly height: number;
  /** 0…255, row by row without gaps. */
  readonly alpha: Buffer;
}

/** Longest text that is drawn, in characters. */
const MAX_LENGTH = 40;
/** What is asked for first; a script that none of them knows is found by the system's own fallback. */
const FONTS = 'Inter, DejaVu Sans, Noto Sans, Noto Sans CJK SC, sans-serif';
/** Columns with less ink than this at the end of a text are empty. */
const FAINT = 8;

type Sharp = typeof sharp;

let loading: Promise<Sharp> | undefined;

/** Loaded with the first text: it takes ten megabytes of every process that draws. */
function loadSharp(): Promise<Sharp> {
  return (loading ??= import('sharp').then(({ default: loaded }) => {
    // Masks are made once and are small: threads and caches of their own would only be in the way of the encoder.
    loaded.concurrency(1);
    loaded.cache(false);
    return loaded;
  }));
}

/** The height of a line of text, and of its mask, in pixels. @param size of the font in pixels */
export function lineHeight(size: number): number {
  return Math.ceil(size * 1.3);
}

/**
 * Renders a text in any script that the machine has fonts for; a missing glyph shows as a box.
 *
 * @param size of the font in pixels
 * @throws Error where libvips can't
 */
export async function renderText(text: string, size: number): Promise<TextMask> {
  const shown = [...text].slice(0, MAX_LENGTH).join('');
  const height = lineHeight(size);
  const room = Math.ceil((shown.length + 2) * size * 1.25);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${room}" height="${height}">` +
    `<text x="0" y="${Math.round(size * 1.02)}" font-family="${FONTS}" font-stretch="condensed" font-weight="600" font-size="${size}" ` +
    `fill="white" xml:space="preserve">${escaped(shown)}</text></svg>`;
  const svgToPixels = await loadSharp();
  const { data, info } = await svgToPixels(Buffer.from(svg)).ensureAlpha().extractChannel('alpha').raw().toBuffer({ resolveWithObject: true });
  return padded({ width: info.width, height: info.height, alpha: data }, inkWidth(data, info.width, info.height), height);
}

/** A mask cut, or filled up with empty pixels, on its right and at its bottom. */
export function padded({ width, height, alpha }: TextMask, newWidth: number, newHeight = height): TextMask {
  const result = Buffer.alloc(newWidth * newHeight);
  for (let row = 0; row < Math.min(height, newHeight); row++) {
    alpha.copy(result, row * newWidth, row * width, row * width + Math.min(width, newWidth));
  }
  return { width: newWidth, height: newHeight, alpha: result };
}

/** Columns up to the last one with ink. */
function inkWidth(alpha: Buffer, width: number, height: number): number {
  for (let x = width - 1; x >= 0; x--) {
    for (let y = 0; y < height; y++) if (alpha[y * width + x]! > FAINT) return x + 1;
  }
  return 0;
}

function escaped(text: string): string {
  // Control characters are not allowed in XML at all.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
