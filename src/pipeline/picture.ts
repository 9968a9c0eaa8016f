import type { Frame } from 'node-av';

/**
 * A picture in the one layout that the pipeline works on: planar YUV 4:2:0, 8 bit, upright, progressive, square pixels. Width and
 * height may be odd; chroma planes are rounded up.
 */
export interface Picture {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** `limited`: luma 16…235, chroma 16…240 (video). `full`: 0…255 (JPEG). */
  readonly range: 'limited' | 'full';
  /** Whether it may be drawn upon; one that may not is the decoder's, which predicts later frames from it. See `drawable`. */
  readonly writable: boolean;
  /** Y, U, V: views of the frame's own memory. Chroma is `ceil(width / 2)` by `ceil(height / 2)`. */
  readonly planes: readonly [Buffer, Buffer, Buffer];
  /** Bytes from one row of a plane to the next. */
  readonly strides: readonly [number, number, number];
  /** The libav frame (`AV_PIX_FMT_YUV420P`) whose memory it is. References to it must be gone when the picture is released: its memory is used again. */
  readonly frame: Frame;
  /** Gives the memory back; idempotent. The planes must not be touched afterwards. */
  release(): void;
}
