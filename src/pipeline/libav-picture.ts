import { Frame } from 'node-av/lib';
import {
  AVCHROMA_LOC_UNSPECIFIED,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_UNSPECIFIED,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
} from 'node-av/constants';
import type { Picture } from './picture.ts';

/** Free pictures kept of one size, and sizes of which any are kept. */
const MAX_SPARE = 8;
const MAX_SIZES = 6;

/** What a frame says about its colours. */
export type Coloring = Pick<Frame, 'colorRange' | 'colorSpace' | 'colorPrimaries' | 'colorTrc' | 'chromaLocation'>;

const UNTOLD: Coloring = {
  colorRange: AVCOL_RANGE_MPEG,
  colorSpace: AVCOL_SPC_UNSPECIFIED,
  colorPrimaries: AVCOL_PRI_UNSPECIFIED,
  colorTrc: AVCOL_TRC_UNSPECIFIED,
  chromaLocation: AVCHROMA_LOC_UNSPECIFIED,
};

type Memory = Pick<Picture, 'frame' | 'planes' | 'strides'>;

/**
 * Memory of pictures that were given back, by their size, to be used again: fresh memory costs page faults, and views of it cost
 * garbage collections, which together cost more than a picture's decoding. The size that was used last comes last.
 */
const spare = new Map<string, Memory[]>();

/** Whether a frame already has the pipeline's layout, so that it needs no conversion. */
export function hasPictureLayout(frame: Frame): boolean {
  return frame.format === AV_PIX_FMT_YUV420P || frame.format === AV_PIX_FMT_YUVJ420P;
}

/**
 * A picture to be drawn; what it shows until then is undefined.
 * @throws Error where libav gives no memory
 */
export function newPicture(width: number, height: number, coloring: Partial<Coloring> = {}): Picture {
  const memory = takeMemory(width, height);
  const { frame } = memory;
  Object.assign(frame, UNTOLD, coloring);
  let released = false;
  return {
    ...memory,
    width,
    height,
    writable: true,
    range: frame.colorRange === AVCOL_RANGE_JPEG ? 'full' : 'limited',
    release() {
      if (released) return;
      released = true;
      giveBack(memory);
    },
  };
}

/**
 * A decoded frame of planar 4:2:0 as a picture, which takes it over and may not be drawn upon.
 * @throws Error where the frame has another layout
 */
export function wrapFrame(frame: Frame): Picture {
  if (!hasPictureLayout(frame)) {
    frame.free();
    throw new Error(`A picture is planar YUV 4:2:0, not pixel format ${String(frame.format)}`);
  }
  const full = frame.format === AV_PIX_FMT_YUVJ420P || frame.colorRange === AVCOL_RANGE_JPEG;
  frame.format = AV_PIX_FMT_YUV420P;
  frame.colorRange = full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  return new DecodedPicture(frame, full ? 'full' : 'limited');
}

/** Views of its planes are made when they are asked for: most decoded pictures are only encoded and scaled. */
class DecodedPicture implements Picture {
  readonly width: number;
  readonly height: number;
  readonly range: Picture['range'];
  readonly writable = false;
  readonly frame: Frame;
  #planes: Picture['planes'] | undefined;
  #released = false;

  constructor(frame: Frame, range: Picture['range']) {
    this.frame = frame;
    this.width = frame.width;
    this.height = frame.height;
    this.range = range;
  }

  get planes(): Picture['planes'] {
    return (this.#planes ??= planesOf(this.frame));
  }

  get strides(): Picture['strides'] {
    return stridesOf(this.frame);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.frame.free();
  }
}

/**
 * The picture itself where it may be drawn upon, else a copy in its place.
 * @throws Error where libav gives no memory
 */
export function drawable(picture: Picture): Picture {
  if (picture.writable) return picture;
  try {
    return copyPicture(picture);
  } finally {
    picture.release();
  }
}

/**
 * A second picture with the same content and memory of its own.
 * @throws Error where libav gives no memory
 */
export function copyPicture({ frame }: Picture): Picture {
  return copyOf(frame, frame.colorRange);
}

function copyOf(frame: Frame, colorRange: Coloring['colorRange']): Picture {
  const { width, height, colorSpace, colorPrimaries, colorTrc, chromaLocation } = frame;
  const picture = newPicture(width, height, { colorRange, colorSpace, colorPrimaries, colorTrc, chromaLocation });
  const status = picture.frame.copy(frame);
  if (status >= 0) return picture;
  picture.release();
  throw new Error(`libav could not copy a picture of ${width}×${height} (${status})`);
}

function takeMemory(width: number, height: number): Memory {
  const used = spare.get(sizeKey(width, height))?.pop();
  if (used !== undefined) return used;
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { format: AV_PIX_FMT_YUV420P, width, height });
  const status = frame.getBuffer();
  if (status >= 0) return { frame, planes: planesOf(frame), strides: stridesOf(frame) };
  frame.free();
  throw new Error(`libav gave no memory for a picture of ${width}×${height} (${status})`);
}

function giveBack(memory: Memory): void {
  const key = sizeKey(memory.frame.width, memory.frame.height);
  const kept = spare.get(key) ?? [];
  spare.delete(key);
  spare.set(key, kept);
  if (kept.length < MAX_SPARE) kept.push(memory);
  else memory.frame.free();
  const [oldest] = spare.keys();
  if (spare.size <= MAX_SIZES || oldest === undefined) return;
  for (const { frame } of spare.get(oldest) ?? []) frame.free();
  spare.delete(oldest);
}

function sizeKey(width: number, height: number): string {
  return `${width}x${height}`;
}

function planesOf(frame: Frame): Picture['planes'] {
  const [y, u, v] = frame.data ?? [];
  if (y === undefined || u === undefined || v === undefined) throw new Error('The frame has no memory');
  return [y, u, v];
}

function stridesOf({ linesize: [y = 0, u = 0, v = 0] }: Frame): Picture['strides'] {
  return [y, u, v];
}
