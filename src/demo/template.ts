import type { Rgb } from './colour.ts';
import { rasterise, type Bounds, type ViewBox } from './raster.ts';

/** Chosen colours, by the names of an artwork's slots. */
export type Palette = Readonly<Record<string, Rgb>>;

/** A drawing in centimetres: y down, the point that stands on the ground at (0, 0). */
export interface Artwork {
  readonly box: ViewBox;
  /** Names of the parts whose colour is chosen later. */
  readonly slots: readonly string[];
  /** SVG elements, given the fill of each slot. Slots are filled evenly; what lies over them may have any colour and transparency. */
  readonly draw: (fill: (slot: string) => string) => string;
  /** What shines at night, over the same box. */
  readonly glow?: string;
  /** Set where there is nothing but slots and black over them: saves a rasterisation. */
  readonly plain?: boolean;
}

/** Premultiplied RGBA with an anchor: a picture of one thing, in daylight. */
export interface Painted {
  readonly width: number;
  readonly height: number;
  /** From the left and upper edge to the point that stands on the ground, pixels. */
  readonly anchorX: number;
  readonly anchorY: number;
  readonly rgba: Uint8Array;
  /** What shines at night; premultiplied RGBA of the same size. */
  readonly glow?: Uint8Array | undefined;
}

const PRIMARIES = ['#ff0000', '#00ff00', '#0000ff'] as const;
const BLACK = '#000000';

/**
 * A rasterised artwork whose colours are still open. Filled evenly, a slot contributes to each pixel in proportion to its colour; that
 * share is measured once, for three slots at a time, by drawing them in red, green and blue. Choosing colours is then arithmetic.
 */
export class Template {
  readonly width: number;
  readonly height: number;
  readonly anchorX: number;
  readonly anchorY: number;
  /** Pixels for a metre. */
  readonly scale: number;
  readonly #slots: readonly string[];
  /** Premultiplied RGBA with all slots black. */
  readonly #base: Uint8Array;
  /** For each three slots the shares of each pixel, 0…255. */
  readonly #shares: readonly Uint8Array[];
  readonly #glow: Uint8Array | undefined;

  private constructor(init: Pick<Template, 'width' | 'height' | 'anchorX' | 'anchorY' | 'scale'>, slots: readonly string[], layers: Layers) {
    this.width = init.width;
    this.height = init.height;
    this.anchorX = init.anchorX;
    this.anchorY = init.anchorY;
    this.scale = init.scale;
    this.#slots = slots;
    this.#base = layers.base;
    this.#shares = layers.shares;
    this.#glow = layers.glow;
  }

  /** @param scale pixels for a metre */
  static async create(artwork: Artwork, scale: number): Promise<Template> {
    const [template] = await Template.createSheet([artwork], scale);
    if (template === undefined) throw new Error('A sheet of one artwork holds one');
    return template;
  }

  /** Rasterises drawings of the same box and slots side by side, which is quicker than one by one. */
  static async createSheet(artworks: readonly Artwork[], scale: number): Promise<Template[]> {
    const [first] = artworks;
    if (first === undefined) return [];
    const { box, slots } = first;
    const width = Math.max(1, Math.ceil((box.width * scale) / 100));
    const height = Math.max(1, Math.ceil((box.height * scale) / 100));
    // A whole number of pixels a drawing, so that they can be cut apart.
    const cell = { ...box, width: (width * 100) / scale, height: (height * 100) / scale };
    const sheet = { ...cell, width: cell.width * artworks.length };
    const paint = (body: (artwork: Artwork) => string): Promise<Uint8Array> => {
      const parts = artworks.map((artwork, i) => `<g transform="translate(${i * cell.width} 0)">${body(artwork)}</g>`);
      return rasterise(parts.join(''), sheet, width * artworks.length, height).then(premultiply);
    };
    const groups = Array.from({ length: Math.ceil(slots.length / 3) }, (_, g) => slots.slice(g * 3, g * 3 + 3));
    const [fixed, glow, ...filled] = await Promise.all([
      first.plain === true ? undefined : paint(({ draw }) => draw(() => BLACK)),
      first.glow === undefined ? undefined : paint((artwork) => artwork.glow ?? ''),
      ...groups.map((group) => paint(({ draw }) => draw((slot) => PRIMARIES[group.indexOf(slot)] ?? BLACK))),
    ]);
    const base = fixed ?? blackened(filled[0]);
    return artworks.map((_, i) => {
      const sheetWidth = width * artworks.length;
      const whole = { left: i * width, top: 0, right: (i + 1) * width, bottom: height };
      const part = inkIn([base, ...(glow === undefined ? [] : [glow])], sheetWidth, whole);
      const cut = (pixels: Uint8Array): Uint8Array => cutOut(pixels, sheetWidth, part);
      const own = cut(base);
      const shares = filled.map((pixels) => (pixels === undefined ? own : subtract(cut(pixels), own)));
      const anchorX = (-box.x * scale) / 100 - (part.left - whole.left);
      const anchorY = (-box.y * scale) / 100 - part.top;
      const size = { width: part.right - part.left, height: part.bottom - part.top };
      return new Template({ ...size, anchorX, anchorY, scale }, slots, { base: own, shares, glow: glow === undefined ? undefined : cut(glow) });
    });
  }

  /** The picture in chosen colours; slots without one stay black. */
  paint(palette: Palette): Painted {
    const { width, height, anchorX, anchorY } = this;
    const rgba = Uint8Array.from(this.#base);
    this.#shares.forEach((shares, group) => {
      for (let slot = 0; slot < 3; slot += 1) {
        const colour = palette[this.#slots[group * 3 + slot] ?? ''];
        if (colour !== undefined) addShare(rgba, shares, slot, colour);
      }
    });
    return { width, height, anchorX, anchorY, rgba, glow: this.#glow };
  }
}

interface Layers {
  readonly base: Uint8Array;
  readonly shares: readonly Uint8Array[];
  readonly glow: Uint8Array | undefined;
}

function addShare(rgba: Uint8Array, shares: Uint8Array, slot: number, [red, green, blue]: Rgb): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const share = shares[i + slot]!;
    if (share === 0) continue;
    rgba[i] = rgba[i]! + (share * red) / 255;
    rgba[i + 1] = rgba[i + 1]! + (share * green) / 255;
    rgba[i + 2] = rgba[i + 2]! + (share * blue) / 255;
  }
}

function premultiply(rgba: Uint8Array): Uint8Array {
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    if (alpha === 255) continue;
    rgba[i] = (rgba[i]! * alpha) / 255;
    rgba[i + 1] = (rgba[i + 1]! * alpha) / 255;
    rgba[i + 2] = (rgba[i + 2]! * alpha) / 255;
  }
  return rgba;
}

/** The same outlines, all black. */
function blackened(pixels: Uint8Array | undefined): Uint8Array {
  if (pixels === undefined) throw new Error('A drawing without colours of its own has slots');
  const black = new Uint8Array(pixels.length);
  for (let i = 3; i < black.length; i += 4) black[i] = pixels[i]!;
  return black;
}

/** What `a` has more than `b`, in place. */
function subtract(a: Uint8Array, b: Uint8Array): Uint8Array {
  for (let i = 0; i < a.length; i += 1) a[i] = Math.max(0, a[i]! - b[i]!);
  return a;
}

/** The part that is drawn upon, at least a pixel. */
function inkIn(layers: readonly Uint8Array[], sheetWidth: number, whole: Bounds): Bounds {
  let [left, top, right, bottom] = [whole.right, whole.bottom, whole.left, whole.top];
  for (const pixels of layers) {
    for (let row = whole.top; row < whole.bottom; row += 1) {
      const start = row * sheetWidth;
      let first = whole.left;
      while (first < whole.right && pixels[(start + first) * 4 + 3] === 0) first += 1;
      if (first === whole.right) continue;
      let last = whole.right - 1;
      while (pixels[(start + last) * 4 + 3] === 0) last -= 1;
      left = Math.min(left, first);
      right = Math.max(right, last + 1);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
    }
  }
  return right > left ? { left, top, right, bottom } : { ...whole, right: whole.left + 1, bottom: whole.top + 1 };
}

function cutOut(pixels: Uint8Array, sheetWidth: number, { left, top, right, bottom }: Bounds): Uint8Array {
  const width = right - left;
  const part = new Uint8Array(width * (bottom - top) * 4);
  for (let row = top; row < bottom; row += 1) {
    const from = (row * sheetWidth + left) * 4;
    part.set(pixels.subarray(from, from + width * 4), (row - top) * width * 4);
  }
  return part;
}
