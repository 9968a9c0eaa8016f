import { SoftwareScaleContext } from 'node-av/lib';
import { AV_PIX_FMT_GBRP, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, SWS_ACCURATE_RND, SWS_FAST_BILINEAR, SWS_FULL_CHR_H_INT } from 'node-av/constants';
import type { Box } from '../annotation.ts';
import type { FrameId } from '../frame.ts';
import type { Picture } from '../picture.ts';
import type { InputSpec } from './manifest.ts';
import type { PixelRect } from './protocol.ts';

/** Everything that decides how a picture becomes a model's input picture; colour order and normalisation come later. */
export type InputGeometry = Pick<InputSpec, 'width' | 'height' | 'resize' | 'anchor' | 'pad'> & {
  readonly region?: Box | undefined;
  /** The three values of a pixel together; else planes of red, green and blue one after another, which costs less than half as much. */
  readonly packed?: boolean;
};

/** A picture in a model's input size: RGB, 8 bit, without gaps. */
export interface ScaledInput {
  readonly data: Buffer;
  /** Where the picture lies in it, in pixels; the rest is filling. */
  readonly content: PixelRect;
  /** The part of the frame that the picture shows, as fractions of the frame. */
  readonly crop: Box;
  /** Gives the memory back; once for each `scale`. */
  release(): void;
}

/** Contexts kept: sizes of the frame times geometries; a source that keeps changing its size must not collect them. */
const MAX_CONTEXTS = 16;
/** Free buffers kept for one geometry. */
const MAX_SPARE = 4;
/**
 * Models are trained on pictures that were resized by plain bilinear interpolation, without the smoothing that libav's other methods
 * add when they shrink. This is the nearest to it, and the fastest.
 */
const SCALING = SWS_FAST_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT;
/** Bytes after the last row that vector code may write to. */
const SLACK = 64;
/** Vector code writes the rows of planes in units of so many bytes. */
const UNIT = 8;

/**
 * Brings frames into the input sizes of a stream's models. Detectors with the same geometry share one scaled picture of a frame.
 * Works at once, so that the frame may be drawn upon afterwards.
 */
export class InputScaler {
  readonly #contexts = new Map<string, SoftwareScaleContext>();
  readonly #spare = new Map<string, Buffer[]>();
  readonly #current = new Map<string, SharedInput>();
  #frame: FrameId | undefined;
  #closed = false;

  /** @throws Error where libav can't scale the picture */
  scale(id: FrameId, picture: Picture, geometry: InputGeometry): ScaledInput {
    if (this.#closed) throw new Error('The scaler is closed');
    if (id !== this.#frame) this.#forgetFrame();
    this.#frame = id;
    const crop = cropOf(picture, geometry.region);
    const content = contentOf(crop.width, crop.height, geometry);
    const key = [geometry.width, geometry.height, geometry.pad, geometry.packed === true, ...content, crop.x, crop.y, crop.width, crop.height].join();
    let shared = this.#current.get(key);
    if (shared === undefined) {
      const data = this.#spare.get(key)?.pop() ?? blank(geometry);
      this.#draw(picture, crop, data, geometry, content);
      shared = new SharedInput(data, () => this.#recycle(key, data));
      this.#current.set(key, shared);
    }
    const box: Box = [crop.x / picture.width, crop.y / picture.height, crop.width / picture.width, crop.height / picture.height];
    return { data: shared.data, content, crop: box, release: shared.share() };
  }

  /** Idempotent; inputs that are still in use stay valid. */
  close(): void {
    this.#closed = true;
    this.#forgetFrame();
    this.#spare.clear();
    for (const context of this.#contexts.values()) context.freeContext();
    this.#contexts.clear();
  }

  #draw(picture: Picture, crop: Crop, into: Buffer, input: InputGeometry, [x, y, width, height]: PixelRect): void {
    const packed = input.packed === true;
    const context = this.#context(`${crop.width}x${crop.height} ${picture.range} ${width}x${height} ${packed}`, () => {
      return createContext(crop, picture.range, width, height, packed ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_GBRP);
    });
    const start = y * input.width + x;
    if (packed) return this.#run(context, picture, crop, height, [into.subarray(start * 3)], [input.width * 3]);
    const [red, green, blue] = [0, 1, 2].map((channel) => into.subarray(channel * input.width * input.height + start)) as [Buffer, Buffer, Buffer];
    if (width % UNIT === 0) return this.#run(context, picture, crop, height, [green, blue, red], [input.width, input.width, input.width]);
    // What is written beyond a row would destroy the filling, or the beginning of the next plane.
    const stride = Math.ceil(width / UNIT) * UNIT;
    const planes = [green, blue, red].map((plane) => ({ plane, rows: Buffer.allocUnsafe(stride * height + SLACK) }));
    this.#run(context, picture, crop, height, planes.map(({ rows }) => rows), [stride, stride, stride]);
    for (const { plane, rows } of planes) {
      for (let row = 0; row < height; row += 1) rows.copy(plane, row * input.width, row * stride, row * stride + width);
    }
  }

  #run(context: SoftwareScaleContext, picture: Picture, crop: Crop, height: number, into: Buffer[], strides: number[]): void {
    const [luma, u, v] = picture.planes;
    const [lumaStride, uStride, vStride] = picture.strides;
    const chroma = (stride: number): number => (crop.y / 2) * stride + crop.x / 2;
    const rows = context.scaleSync(
      [luma.subarray(crop.y * lumaStride + crop.x), u.subarray(chroma(uStride)), v.subarray(chroma(vStride))],
      [lumaStride, uStride, vStride],
      0,
      crop.height,
      into,
      strides,
    );
    if (rows !== height) throw new Error(`libav scaled ${rows} rows of ${height}`);
  }

  #context(key: string, create: () => SoftwareScaleContext): SoftwareScaleContext {
    const known = this.#contexts.get(key);
    if (known !== undefined) return known;
    const context = create();
    this.#contexts.set(key, context);
    const [oldest] = this.#contexts;
    if (this.#contexts.size > MAX_CONTEXTS && oldest !== undefined) {
      oldest[1].freeContext();
      this.#contexts.delete(oldest[0]);
    }
    return context;
  }

  #forgetFrame(): void {
    for (const shared of this.#current.values()) shared.release();
    this.#current.clear();
  }

  #recycle(key: string, data: Buffer): void {
    if (this.#closed) return;
    // One frame size is in use at a time; buffers of sizes that are gone are not kept.
    if (!this.#spare.has(key) && this.#spare.size >= MAX_CONTEXTS) this.#spare.clear();
    const spare = this.#spare.get(key) ?? [];
    if (spare.length < MAX_SPARE) spare.push(data);
    this.#spare.set(key, spare);
  }
}

/** A buffer with several users, given back by the last of them. The scaler itself is the first one. */
class SharedInput {
  readonly data: Buffer;
  readonly release: () => void;
  readonly #recycle: () => void;
  #users = 0;

  constructor(data: Buffer, recycle: () => void) {
    this.data = data;
    this.#recycle = recycle;
    this.release = this.share();
  }

  share(): () => void {
    this.#users += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#users -= 1;
      if (this.#users === 0) this.#recycle();
    };
  }
}

interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The pixels of a region: its corner on a whole chroma sample, and never empty. */
export function cropOf(picture: { readonly width: number; readonly height: number }, region: Box | undefined): Crop {
  if (region === undefined) return { x: 0, y: 0, width: picture.width, height: picture.height };
  const [x, width] = span(region[0], region[2], picture.width);
  const [y, height] = span(region[1], region[3], picture.height);
  return { x, y, width, height };
}

function span(from: number, share: number, size: number): [start: number, length: number] {
  const start = Math.min(Math.floor((from * size) / 2) * 2, Math.max(0, Math.ceil(size / 2) * 2 - 2));
  const end = Math.min(size, Math.max(start + 1, Math.round((from + share) * size)));
  return [start, end - start];
}

/** Where a picture of this size lies in the input. */
export function contentOf(width: number, height: number, input: Omit<InputGeometry, 'pad' | 'region'>): PixelRect {
  if (input.resize === 'stretch') return [0, 0, input.width, input.height];
  const ratio = Math.min(input.width / width, input.height / height);
  const w = Math.min(input.width, Math.max(1, Math.round(width * ratio)));
  const h = Math.min(input.height, Math.max(1, Math.round(height * ratio)));
  if (input.anchor === 'top-left') return [0, 0, w, h];
  return [Math.floor((input.width - w) / 2), Math.floor((input.height - h) / 2), w, h];
}

function blank({ width, height, pad }: InputGeometry): Buffer {
  const size = width * height * 3;
  return Buffer.alloc(size + SLACK, pad).subarray(0, size);
}

function createContext(crop: Crop, range: Picture['range'], width: number, height: number, format: typeof AV_PIX_FMT_RGB24 | typeof AV_PIX_FMT_GBRP): SoftwareScaleContext {
  const context = new SoftwareScaleContext();
  context.allocContext();
  const options = {
    srcw: crop.width,
    srch: crop.height,
    src_format: AV_PIX_FMT_YUV420P,
    src_range: range === 'full' ? 1 : 0,
    dstw: width,
    dsth: height,
    dst_format: format,
    sws_flags: SCALING,
  };
  for (const [name, value] of Object.entries(options)) context.setOption(name, value);
  const failed = context.initContext();
  if (failed < 0) {
    context.freeContext();
    throw new Error(`libav can't scale ${crop.width}×${crop.height} to ${width}×${height} (${failed})`);
  }
  return context;
}
