import type { Frame } from 'node-av/lib';
import { AVCOL_RANGE_JPEG, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUVJ420P } from 'node-av/constants';
import type { Picture } from './picture.ts';

/** Whether a frame already has the pipeline's layout, so that it needs no conversion. */
export function hasPictureLayout(frame: Frame): boolean {
  return frame.format === AV_PIX_FMT_YUV420P || frame.format === AV_PIX_FMT_YUVJ420P;
}

/**
 * Takes over a libav frame of planar 4:2:0. A buffer that the decoder still refers to is copied first, because a picture is drawn
 * upon and the decoder predicts later frames from its own.
 *
 * @throws Error where libav gives no memory, or the frame has another layout
 */
export function wrapFrame(frame: Frame): Picture {
  if (!hasPictureLayout(frame)) throw new Error(`A picture is planar YUV 4:2:0, not pixel format ${String(frame.format)}`);
  const failed = frame.isWritable ? 0 : frame.makeWritable();
  if (failed < 0) throw new Error(`libav gave no memory for a picture (${failed})`);
  const range = frame.format === AV_PIX_FMT_YUVJ420P || frame.colorRange === AVCOL_RANGE_JPEG ? 'full' : 'limited';
  if (frame.format === AV_PIX_FMT_YUVJ420P) {
    frame.format = AV_PIX_FMT_YUV420P;
    frame.colorRange = AVCOL_RANGE_JPEG;
  }
  const [y, u, v] = frame.data ?? [];
  const [strideY, strideU, strideV] = frame.linesize;
  if (!y || !u || !v || !strideY || !strideU || !strideV) throw new Error('libav gave a picture without planes');
  let released = false;
  return {
    width: frame.width,
    height: frame.height,
    range,
    planes: [y, u, v],
    strides: [strideY, strideU, strideV],
    frame,
    release() {
      if (released) return;
      released = true;
      frame.free();
    },
  };
}

/**
 * A second picture with the same content and memory of its own.
 * @throws Error where libav gives no memory
 */
export function copyPicture(picture: Picture): Picture {
  const twin = picture.frame.clone();
  if (twin === null) throw new Error('libav gave no memory for a copy of a picture');
  return wrapFrame(twin);
}
