import { FFmpegError, SoftwareScaleContext } from 'node-av/lib';
import { AV_PIX_FMT_YUV420P, SWS_AREA } from 'node-av/constants';
import { newPicture } from './libav-picture.ts';
import type { Picture } from './picture.ts';

/** Scales that a rendition may have. */
export type Scale = 1 | 2 | 4;

/** One picture in every scale that is asked for: each is made once, from the next larger one. */
export interface Rungs {
  /** @throws Error where libav can't scale it */
  at(scale: Scale): Promise<Picture>;
  /** Gives the smaller pictures back; the picture itself stays its owner's. */
  release(): void;
}

/** Halves pictures, full → half → quarter. Calls for one picture may overlap; a scaler works on one picture at a time. */
export class PictureLadder {
  readonly #steps = new Map<Scale, HalfStep>();

  of(picture: Picture): Rungs {
    const rungs = new Map<Scale, Promise<Picture>>([[1, Promise.resolve(picture)]]);
    const at = (scale: Scale): Promise<Picture> => {
      const made = rungs.get(scale) ?? at((scale / 2) as Scale).then((larger) => this.#step(scale).halve(larger));
      rungs.set(scale, made);
      return made;
    };
    const release = (): void => {
      for (const [scale, rung] of rungs) if (scale > 1) rung.then((made) => made.release(), () => undefined);
    };
    return { at, release };
  }

  /** Not while a picture is being scaled; idempotent. */
  close(): void {
    for (const step of this.#steps.values()) step.close();
    this.#steps.clear();
  }

  #step(scale: Scale): HalfStep {
    const step = this.#steps.get(scale) ?? new HalfStep();
    this.#steps.set(scale, step);
    return step;
  }
}

/** From one size to half of it, in even numbers as encoders of 4:2:0 want them. */
class HalfStep {
  #context: SoftwareScaleContext | undefined;
  #size = '';
  #busy: Promise<unknown> = Promise.resolve();

  halve(picture: Picture): Promise<Picture> {
    const made = this.#busy.then(() => this.#halve(picture));
    this.#busy = made.catch(() => undefined);
    return made;
  }

  close(): void {
    this.#context?.freeContext();
    this.#context = undefined;
  }

  async #halve({ width, height, frame }: Picture): Promise<Picture> {
    const [smallWidth, smallHeight] = [width, height].map((side) => Math.max(2, (side >> 1) & ~1)) as [number, number];
    if (this.#size !== `${width}x${height}`) {
      this.close();
      this.#context = new SoftwareScaleContext();
      this.#context.getContext(width, height, AV_PIX_FMT_YUV420P, smallWidth, smallHeight, AV_PIX_FMT_YUV420P, SWS_AREA);
      this.#size = `${width}x${height}`;
    }
    const { colorRange, colorSpace, colorPrimaries, colorTrc, chromaLocation } = frame;
    const small = newPicture(smallWidth, smallHeight, { colorRange, colorSpace, colorPrimaries, colorTrc, chromaLocation });
    try {
      FFmpegError.throwIfError(await this.#context!.scaleFrame(small.frame, frame), 'scaleFrame');
      return small;
    } catch (error) {
      small.release();
      throw error;
    }
  }
}
