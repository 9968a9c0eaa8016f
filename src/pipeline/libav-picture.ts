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

/** Free pictures kept. */
const MAX_SPARE = 8;

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
 * Memory of pictures that were given back, all of one size, to be used again: fresh memory costs page faults, and views of it cost
 * garbage collections, which together cost more than a picture's decoding.
 */
const spare: Memory[] = [];

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
    range: frame.colorRange === AVCOL_RANGE_JPEG ? 'full' : 'limited',
    release() {
      if (released) return;
      released = true;
      giveBack(memory);
    },
  };
}

/**
 * A picture with the content of a libav frame of planar 4:2:0, which is freed: a picture is drawn upon, and a decoder predicts later
 * frames from its own.
 * @throws Error where libav gives no memory, or the frame has another layout
 */
export function wrapFrame(frame: Frame): Picture {
  try {
    if (!hasPictureLayout(frame)) throw new Error(`A picture is planar YUV 4:2:0, not pixel format ${String(frame.format)}`);
    const full = frame.format === AV_PIX_FMT_YUVJ420P || frame.colorRange === AVCOL_RANGE_JPEG;
    frame.format = AV_PIX_FMT_YUV420P;
    return copyOf(frame, full ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
  } finally {
    frame.free();
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
  const used = spare.pop();
  if (used?.frame.width === width && used.frame.height === height) return used;
  // The pictures have changed their size: what is kept of the old one is of no more use.
  used?.frame.free();
  for (const { frame } of spare.splice(0)) frame.free();
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { format: AV_PIX_FMT_YUV420P, width, height });
  const status = frame.getBuffer();
  const [y, u, v] = status < 0 ? [] : (frame.data ?? []);
  const [strideY, strideU, strideV] = frame.linesize;
  if (y && u && v && strideY && strideU && strideV) return { frame, planes: [y, u, v], strides: [strideY, strideU, strideV] };
  frame.free();
  throw new Error(`libav gave no memory for a picture of ${width}×${height} (${status})`);
}

function giveBack(memory: Memory): void {
  if (spare.length < MAX_SPARE) spare.push(memory);
  else memory.frame.free();
}
