import sharp from 'sharp';

/** How much of each pixel a text covers. */
export interface TextMask {
  readonly width: number;
  readonly height: number;
  /** 0…255, row by row without gaps. */
  readonly alpha: Buffer;
}

/** Texts kept; labels and digits are few, but a hostile model may name thousands. */
const CAPACITY = 1000;
/** Longest text that is drawn, in characters. */
const MAX_LENGTH = 60;

// Masks are made once and are small: threads and caches of their own would only be in the way of the encoder.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Masks of texts in any script that the machine has fonts for, each rendered once. A missing glyph shows as a box, as everywhere.
 */
export class TextMasks {
  readonly #masks = new Map<string, TextMask | 'rendering'>();

  /** The mask of a text, if it is ready; else it will be, soon. @param size of the font in pixels */
  get(text: string, size: number): TextMask | undefined {
    const key = `${size} ${text}`;
    const mask = this.#masks.get(key);
    if (mask === undefined) {
      // Failing to render leaves the plate empty, and the text is tried again with a later frame.
      this.prepare(text, size).catch(() => this.#masks.delete(key));
      return undefined;
    }
    return mask === 'rendering' ? undefined : mask;
  }

  async prepare(text: string, size: number): Promise<void> {
    const key = `${size} ${text}`;
    if (this.#masks.has(key)) return;
    if (this.#masks.size >= CAPACITY) this.#masks.delete(this.#masks.keys().next().value!);
    this.#masks.set(key, 'rendering');
    this.#masks.set(key, await render(text, size));
  }
}

/** The height of a line of text. @param size of the font in pixels */
export function lineHeight(size: number): number {
  return Math.ceil(size * 1.3);
}

async function render(text: string, size: number): Promise<TextMask> {
  const shown = [...text].slice(0, MAX_LENGTH);
  const height = lineHeight(size);
  const room = Math.ceil((shown.length + 2) * size * 1.25);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${room}" height="${height}">` +
    `<text x="0" y="${Math.round(size * 1.02)}" font-family="Inter, DejaVu Sans, Noto Sans, Noto Sans CJK SC, sans-serif" ` +
    `font-weight="600" font-size="${size}" fill="white" xml:space="preserve">${escaped(shown.join(''))}</text></svg>`;
  const { data, info } = await sharp(Buffer.from(svg)).ensureAlpha().extractChannel('alpha').raw().toBuffer({ resolveWithObject: true });
  const width = inkWidth(data, info.width, info.height, shown.at(-1) === ' ' ? Math.round(size * 0.3) : 0);
  const alpha = Buffer.alloc(width * height);
  for (let row = 0; row < Math.min(height, info.height); row++) data.copy(alpha, row * width, row * info.width, row * info.width + width);
  return { width, height, alpha };
}

/** Columns up to the last one with ink. */
function inkWidth(alpha: Buffer, width: number, height: number, extra: number): number {
  for (let x = width - 1; x >= 0; x--) {
    for (let y = 0; y < height; y++) if (alpha[y * width + x]! > 8) return Math.min(width, x + 1 + extra);
  }
  return Math.max(1, extra);
}

function escaped(text: string): string {
  // Control characters are not allowed in XML at all.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
