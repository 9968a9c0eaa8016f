export interface Y4mOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  /** Of every pixel, 0…255. */
  readonly luma: number;
}

/** A file of plain grey pictures without compression (YUV4MPEG2, 4:2:0): media that needs no encoder to be made. */
export function y4m({ width, height, fps, frames, luma }: Y4mOptions): Buffer {
  const chroma = 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc(width * height, luma), Buffer.alloc(chroma, 128)]);
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F${fps}:1 Ip A1:1 C420jpeg\n`), ...Array<Buffer>(frames).fill(frame)]);
}
