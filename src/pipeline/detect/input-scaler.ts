import { Frame, SoftwareScaleContext } from 'node-av/lib';
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
/** Where libav's planes, which are green, blue and red, lie among red, green and blue. */
const PLANES = [1, 2, 0];

/** A way of scaling, and the memory that it writes to. */
interface Target {
  readonly context: SoftwareScaleContext;
  readonly frame: Frame;
  /** Views of its memory. */
  readonly planes: readonly Buffer[];
}

/**
 * Brings frames into the input sizes of a stream's models. Detectors with the same geometry share one scaled picture of a frame.
 * Works at once, so that the frame may be drawn upon afterwards.
 */
export class InputScaler {
  readonly #targets = new Map<string, Target>();
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
    for (const target of this.#targets.values()) freeTarget(target);
    this.#targets.clear();
  }

  #draw(picture: Picture, crop: Crop, into: Buffer, input: InputGeometry, [x, y, width, height]: PixelRect): void {
    const packed = input.packed === true;
    const { context, frame, planes } = this.#target(`${crop.width}x${crop.height} ${picture.range} ${width}x${height} ${packed}`, () => {
      return createTarget(crop, picture.range, width, height, packed ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_GBRP);
    });
    const whole = crop.width === picture.width && crop.height === picture.height;
    const scaled = whole ? context.scaleFrameSync(frame, picture.frame) : scalePart(context, picture, crop, frame, planes);
    if (scaled < 0) throw new Error(`libav could not scale ${crop.width}×${crop.height} to ${width}×${height} (${scaled})`);
    const channels = packed ? 3 : 1;
    // By way of memory of libav's own, because vector code writes more than a row.
    planes.forEach((plane, i) => {
      const start = (packed ? 0 : PLANES[i]! * input.width * input.height) + (y * input.width + x) * channels;
      copyRows(plane, frame.linesize[i]!, into, start, input.width * channels, width * channels, height);
    });
  }

  #target(key: string, create: () => Target): Target {
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const target = create();
    this.#targets.set(key, target);
    const [oldest] = this.#targets;
    if (this.#targets.size > MAX_CONTEXTS && oldest !== undefined) {
      freeTarget(oldest[1]);
      this.#targets.delete(oldest[0]);
    }
    return target;
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
  return Buffer.alloc(width * height * 3, pad);
}

/**
 * Scales a part of a picture, by views of its planes. Of a decoder's picture those are new with each frame, and V8 counts what they show
 * as its own: where it can be avoided, it is.
 */
function scalePart(context: SoftwareScaleContext, picture: Picture, crop: Crop, into: Frame, planes: readonly Buffer[]): number {
  const [luma, u, v] = picture.planes;
  const [lumaStride, uStride, vStride] = picture.strides;
  const chroma = (stride: number): number => (crop.y / 2) * stride + crop.x / 2;
  const parts = [luma.subarray(crop.y * lumaStride + crop.x), u.subarray(chroma(uStride)), v.subarray(chroma(vStride))];
  return context.scaleSync(parts, [lumaStride, uStride, vStride], 0, crop.height, [...planes], into.linesize.slice(0, planes.length));
}

function copyRows(from: Buffer, fromStride: number, into: Buffer, start: number, stride: number, width: number, height: number): void {
  if (fromStride === width && stride === width) return void from.copy(into, start, 0, width * height);
  for (let row = 0; row < height; row += 1) from.copy(into, start + row * stride, row * fromStride, row * fromStride + width);
}

function createTarget(crop: Crop, range: Picture['range'], width: number, height: number, format: typeof AV_PIX_FMT_RGB24 | typeof AV_PIX_FMT_GBRP): Target {
  const context = createContext(crop, range, width, height, format);
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { format, width, height });
  const status = frame.getBuffer();
  const planes = status < 0 ? [] : (frame.data ?? []).slice(0, format === AV_PIX_FMT_GBRP ? 3 : 1);
  if (planes.length > 0) return { context, frame, planes };
  freeTarget({ context, frame, planes });
  throw new Error(`libav gave no memory for a picture of ${width}×${height} (${status})`);
}

function freeTarget({ context, frame }: Target): void {
  context.freeContext();
  frame.free();
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
