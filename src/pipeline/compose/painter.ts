import { AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M, AVCOL_SPC_UNSPECIFIED } from 'node-av/constants';
import type { Picture } from '../picture.ts';
import { chromaPoints, lumaPoints, type InkPoints } from './ink-points.ts';
import type { ColorCoding, Yuv } from './palette.ts';
import type { Spans } from './shape-raster.ts';
import type { TextMask } from './text-mask.ts';
import { tintSpans } from './tint.ts';

/** Luma of a contour above black, as a share of what was there. */
const CONTOUR = 0.35;
/** What a darkened luma sample becomes, by the picture's range. */
const SHADES = { limited: shades(16), full: shades(0) };
/** Up to this many bytes are written faster one by one than by a call. */
const NARROW = 24;
/** Pixels of the largest picture that is taken for BT.601 where it names no matrix, as encoders and players take it. */
const SD_PIXELS = 1024 * 576;

/** How a picture's numbers stand for colours; a wide-gamut matrix is drawn upon as BT.709, its nearest. */
export function codingOf({ frame, width, height, range }: Picture): ColorCoding {
  const named = frame.colorSpace;
  const sd = named === AVCOL_SPC_UNSPECIFIED ? width * height <= SD_PIXELS : named === AVCOL_SPC_SMPTE170M || named === AVCOL_SPC_BT470BG;
  return { matrix: sd ? 'bt601' : 'bt709', range };
}

/** The samples of a picture's planes that a shape of several polygons covers. */
export interface ShapeSpans {
  readonly luma: readonly Spans[];
  readonly chroma: readonly Spans[];
}

/**
 * Draws on the planes of one picture. Coordinates are whole pixels, right and bottom excluded; whatever lies outside is clipped. Filled
 * areas begin and end at even coordinates, so that a chroma sample, which covers two by two pixels, belongs to one colour only.
 */
export class Painter {
  readonly #picture: Picture;

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  /** Fills an area whose edges are even. */
  fill(left: number, top: number, right: number, bottom: number, { y, u, v }: Yuv): void {
    const { width, height, planes, strides } = this.#picture;
    const [x0, y0, x1, y1] = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
    if (x0 >= x1 || y0 >= y1) return;
    fillRows(planes[0], strides[0], x0, y0, x1, y1, y);
    const [cx0, cy0, cx1, cy1] = [x0 >> 1, y0 >> 1, (x1 + 1) >> 1, (y1 + 1) >> 1];
    fillRows(planes[1], strides[1], cx0, cy0, cx1, cy1, u);
    fillRows(planes[2], strides[2], cx0, cy0, cx1, cy1, v);
  }

  /** Darkens an area's luma, so that what lies beside it stands out on any picture. */
  shade(left: number, top: number, right: number, bottom: number): void {
    const { width, height, planes, strides, range } = this.#picture;
    const [x0, y0, x1, y1] = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
    const luma = planes[0];
    const shades = SHADES[range];
    for (let row = y0; row < y1; row++) {
      const start = row * strides[0];
      for (let at = start + x0; at < start + x1; at++) luma[at] = shades[luma[at]!]!;
    }
  }

  /** Moves the chroma of a shape towards a colour; its luma stays, so that what is in it stays visible. */
  tint({ chroma }: ShapeSpans, { u, v }: Yuv): void {
    const { planes, strides } = this.#picture;
    for (const spans of chroma) {
      tintSpans(planes[1], strides[1], spans, u);
      tintSpans(planes[2], strides[2], spans, v);
    }
  }

  /** Fills a shape. */
  fillSpans({ luma, chroma }: ShapeSpans, { y, u, v }: Yuv): void {
    const { planes, strides } = this.#picture;
    for (const spans of luma) fillSpans(planes[0], strides[0], spans, y);
    for (const spans of chroma) {
      fillSpans(planes[1], strides[1], spans, u);
      fillSpans(planes[2], strides[2], spans, v);
    }
  }

  /** Darkens a shape's luma to near black, so that what is drawn upon it stands out on any picture. */
  shadeSpans({ luma }: ShapeSpans): void {
    const { planes, strides, range } = this.#picture;
    for (const spans of luma) fillSpans(planes[0], strides[0], spans, range === 'full' ? 24 : 36);
  }

  /** Lays a colour over the picture, as far as a mask covers it. */
  ink(mask: TextMask, left: number, top: number, { y, u, v }: Yuv): void {
    const { width, height, planes, strides } = this.#picture;
    blend(planes[0], strides[0], width, height, lumaPoints(mask), left, top, y);
    const chroma = chromaPoints(mask, left, top);
    const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
    blend(planes[1], strides[1], chromaWidth, chromaHeight, chroma, left >> 1, top >> 1, u);
    blend(planes[2], strides[2], chromaWidth, chromaHeight, chroma, left >> 1, top >> 1, v);
  }
}

function shades(black: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, luma) => black + (luma - black) * CONTOUR);
}

function fillRows(plane: Buffer, stride: number, x0: number, y0: number, x1: number, y1: number, value: number): void {
  for (let row = y0; row < y1; row++) fillRun(plane, row * stride + x0, row * stride + x1, value);
}

function fillSpans(plane: Buffer, stride: number, spans: Spans, value: number): void {
  for (let i = 0; i < spans.length; i += 3) {
    const row = spans[i]! * stride;
    fillRun(plane, row + spans[i + 1]!, row + spans[i + 2]!, value);
  }
}

function fillRun(plane: Buffer, start: number, end: number, value: number): void {
  if (end - start <= NARROW) for (let at = start; at < end; at++) plane[at] = value;
  else plane.fill(value, start, end);
}

function blend(plane: Buffer, stride: number, width: number, height: number, points: InkPoints, left: number, top: number, value: number): void {
  const { xs, ys, alphas, right, bottom } = points;
  const whole = left >= 0 && top >= 0 && left + right <= width && top + bottom <= height;
  for (let i = 0; i < alphas.length; i++) {
    const x = left + xs[i]!;
    const y = top + ys[i]!;
    if (!whole && (x < 0 || y < 0 || x >= width || y >= height)) continue;
    const at = y * stride + x;
    const before = plane[at]!;
    // In whole numbers, 257 / 65536 stands for 1 / 255.
    plane[at] = before + (((value - before) * alphas[i]! * 257 + 32_768) >> 16);
  }
}
