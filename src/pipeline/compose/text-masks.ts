import type { Logger } from 'pino';
import { padded, renderText, type TextMask } from './text-mask.ts';

/** Texts kept; labels are few, but a hostile model may name thousands. */
const CAPACITY = 500;
/** Texts that may wait to be rendered; what finds no room is asked for again with a later frame. */
const MAX_WAITING = 200;
const DIGITS = [...'0123456789'];
/** What scores are written with. */
const SCORE_CHARACTERS = [...DIGITS, '%'];
/** Least time between two complaints, in milliseconds. */
const COMPLAINT_MS = 1000;

const NOTHING: TextMask = { width: 0, height: 0, alpha: Buffer.alloc(0) };

/**
 * Masks of texts in any script that the machine has fonts for, each rendered once, one after the other beside the frames. The least
 * recently used are forgotten.
 */
export class TextMasks {
  readonly #logger: Logger;
  readonly #capacity: number;
  /** In the order of their use. */
  readonly #masks = new Map<string, TextMask>();
  readonly #scores = new Map<number, ReadonlyMap<string, TextMask>>();
  readonly #waiting = new Map<string, Promise<void>>();
  #rendered: Promise<void> = Promise.resolve();
  #complainedAt = -Infinity;

  /** @param capacity texts kept */
  constructor(logger: Logger, capacity = CAPACITY) {
    this.#logger = logger;
    this.#capacity = capacity;
  }

  /** The mask of a text, if it is ready; else it will be, soon. @param size of the font in pixels */
  get(text: string, size: number): TextMask | undefined {
    const key = keyOf(text, size);
    const mask = this.#masks.get(key);
    if (mask === undefined) {
      if (this.#waiting.size < MAX_WAITING) void this.prepare(text, size);
      return undefined;
    }
    this.#masks.delete(key);
    this.#masks.set(key, mask);
    return mask;
  }

  /** The masks of a share in percent, one a character, if they are ready; digits are equally wide. */
  percent(share: number, size: number): TextMask[] | undefined {
    return this.#written(`${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`, size);
  }

  /** The masks of a whole number, not below zero, one a digit, if they are ready. */
  number(value: number, size: number): TextMask[] | undefined {
    return this.#written(String(value), size);
  }

  #written(text: string, size: number): TextMask[] | undefined {
    const masks = this.#scores.get(size);
    if (masks === undefined) {
      void this.prepareScores(size);
      return undefined;
    }
    return [...text].flatMap((char) => masks.get(char) ?? []);
  }

  /** Resolves when the text is ready; one that can't be rendered is logged, and stays empty. */
  prepare(text: string, size: number): Promise<void> {
    const key = keyOf(text, size);
    if (this.#masks.has(key)) return Promise.resolve();
    return this.#once(key, async () => {
      this.#masks.set(key, await this.#render(text, size));
      if (this.#masks.size > this.#capacity) this.#masks.delete(this.#masks.keys().next().value!);
    });
  }

  /** Resolves when scores can be written. */
  prepareScores(size: number): Promise<void> {
    if (this.#scores.has(size)) return Promise.resolve();
    return this.#once(`${size}`, async () => {
      const masks = new Map<string, TextMask>();
      for (const char of SCORE_CHARACTERS) masks.set(char, await this.#render(char, size));
      const widest = Math.max(...DIGITS.map((digit) => masks.get(digit)!.width));
      for (const digit of DIGITS) masks.set(digit, padded(masks.get(digit)!, widest + Math.round(size / 24)));
      this.#scores.set(size, masks);
    });
  }

  /** Renders one text at a time: drawing and encoding need the processor more. */
  #once(key: string, make: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    this.#rendered = this.#rendered.then(make).finally(() => this.#waiting.delete(key));
    this.#waiting.set(key, this.#rendered);
    return this.#rendered;
  }

  async #render(text: string, size: number): Promise<TextMask> {
    try {
      return await renderText(text, size);
    } catch (error) {
      const time = performance.now();
      if (time - this.#complainedAt >= COMPLAINT_MS) {
        this.#complainedAt = time;
        this.#logger.warn({ err: error, text, size }, 'a label could not be rendered and stays empty');
      }
      return NOTHING;
    }
  }
}

function keyOf(text: string, size: number): string {
  return `${size} ${text}`;
}
