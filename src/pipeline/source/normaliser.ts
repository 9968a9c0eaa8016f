import type { FilterAPI } from 'node-av/api';
import type { Frame } from 'node-av/lib';
import { AV_FRAME_FLAG_INTERLACED } from 'node-av/constants';
import { hasPictureLayout, wrapFrame } from '../libav-picture.ts';
import type { Picture } from '../picture.ts';

/** How a picture must be turned clockwise to stand upright, in degrees, and whether it is mirrored first. */
export interface Orientation {
  readonly clockwise: 0 | 90 | 180 | 270;
  readonly mirrored: boolean;
}

const UPRIGHT: Orientation = { clockwise: 0, mirrored: false };

/**
 * Reads a display matrix: nine 32-bit numbers, of which the first two columns turn and mirror the picture
 * (ISO/IEC 14496-12 §8.3.2; libavutil/display.h).
 */
export function orientationOf(matrix: Buffer | null): Orientation {
  if (matrix === null || matrix.length < 36) return UPRIGHT;
  const [a, b, c, d] = [0, 4, 12, 16].map((offset) => matrix.readInt32LE(offset) / 65_536) as [number, number, number, number];
  const mirrored = a * d - b * c < 0;
  // A point (1, 0) of the picture goes to (a, b) on the screen, whose y axis points down: the angle grows clockwise.
  const angle = (Math.atan2(b, mirrored ? -a : a) * 180) / Math.PI;
  const clockwise = (((Math.round(angle / 90) * 90) % 360) + 360) % 360;
  return { clockwise: clockwise as Orientation['clockwise'], mirrored };
}

const TURN: Record<Orientation['clockwise'], string[]> = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] };

/** A picture in the pipeline's layout. */
export interface Normalised {
  readonly picture: Picture;
  /** The frame's presentation time in milliseconds on the source's clock; undefined where it has none. */
  readonly mediaMs: number | undefined;
  /** It looks otherwise than it was decoded. */
  readonly reshaped: boolean;
}

/**
 * Brings decoded frames of any pixel format, scan and orientation into the pipeline's one layout. Frames that have it already pass
 * untouched; for others a filter graph is built, anew whenever the frames' shape changes.
 */
export class PictureNormaliser {
  readonly #orientation: Orientation;
  #filter: FilterAPI | undefined;
  #shape = '';

  constructor(orientation: Orientation = UPRIGHT) {
    this.#orientation = orientation;
  }

  /**
   * Takes over a frame. Deinterlacing may hold one back, so that nothing or more than one comes out.
   */
  async normalise(frame: Frame): Promise<Normalised[]> {
    const chain = this.#chain(frame);
    if (chain.length === 0) return [{ mediaMs: mediaMs(frame), picture: wrapFrame(frame), reshaped: false }];
    try {
      const shape = `${frame.width}x${frame.height}:${frame.format}:${chain.join()}`;
      if (shape !== this.#shape) {
        this.#filter?.close();
        // Loaded where it is needed: it takes ten megabytes of every stream process.
        const { FilterAPI } = await import('node-av/api');
        this.#filter = FilterAPI.create([...chain, 'format=yuv420p'].join(','), { threads: 1 });
        this.#shape = shape;
      }
      const made = await this.#filter!.processAll(frame);
      return made.map((one) => ({ mediaMs: mediaMs(one), picture: wrapFrame(one), reshaped: true }));
    } finally {
      frame.free();
    }
  }

  close(): void {
    this.#filter?.close();
    this.#filter = undefined;
  }

  #chain(frame: Frame): string[] {
    const chain: string[] = [];
    if ((frame.flags & AV_FRAME_FLAG_INTERLACED) !== 0) chain.push('bwdif=mode=send_frame:deint=interlaced');
    const { num, den } = frame.sampleAspectRatio;
    if (num > 0 && den > 0 && num !== den) chain.push(...squarePixels(num / den));
    if (this.#orientation.mirrored) chain.push('hflip');
    chain.push(...TURN[this.#orientation.clockwise]);
    if (chain.length === 0 && !hasPictureLayout(frame)) chain.push('null');
    return chain;
  }
}

/** Widens the picture rather than squeezing it, so that nothing is lost; extreme ratios are taken for damage and left alone. */
function squarePixels(ratio: number): string[] {
  if (ratio < 0.2 || ratio > 5) return [];
  return ratio > 1 ? [`scale=w=round(iw*${ratio}):h=ih`, 'setsar=1'] : [`scale=w=iw:h=round(ih*${1 / ratio})`, 'setsar=1'];
}

const NO_TIME = -(2n ** 63n);

function mediaMs(frame: Frame): number | undefined {
  const pts = frame.bestEffortTimestamp === NO_TIME ? frame.pts : frame.bestEffortTimestamp;
  const { num, den } = frame.timeBase;
  if (pts === NO_TIME || num <= 0 || den <= 0) return undefined;
  return (Number(pts) * num * 1000) / den;
}
