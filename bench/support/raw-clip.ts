import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';

const exec = promisify(execFile);

/** Pictures of a film without any compression, planar 4:2:0, in a file. */
export class RawClip {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly #descriptor: number;
  readonly #bytes: number;

  private constructor(path: string, { width, height, fps }: Pick<RawClip, 'width' | 'height' | 'fps'>) {
    this.path = path;
    this.width = width;
    this.height = height;
    this.fps = fps;
    this.#bytes = (width * height * 3) / 2;
    this.frames = Math.floor(statSync(path).size / this.#bytes);
    this.#descriptor = openSync(path, 'r');
  }

  /**
   * @param input arguments of ffmpeg that name a film
   * @param path of the file to be made; there is no other of that name
   */
  static async make(input: readonly string[], path: string, { width, height, fps }: Pick<RawClip, 'width' | 'height' | 'fps'>): Promise<RawClip> {
    await exec('ffmpeg', ['-v', 'error', ...input, '-an', '-vf', `scale=${width}:${height}`, '-r', String(fps), '-pix_fmt', 'yuv420p', '-f', 'rawvideo', path]);
    return new RawClip(path, { width, height, fps });
  }

  /** To be released after use. */
  picture(index: number): Picture {
    const picture = newPicture(this.width, this.height);
    const raw = Buffer.alloc(this.#bytes);
    readSync(this.#descriptor, raw, 0, raw.length, index * this.#bytes);
    let at = 0;
    for (const [i, plane] of picture.planes.entries()) {
      const [width, height] = i === 0 ? [this.width, this.height] : [this.width / 2, this.height / 2];
      for (let row = 0; row < height; row++, at += width) raw.copy(plane, row * picture.strides[i]!, at, at + width);
    }
    return picture;
  }

  /** How much a film of H.264 is like this one: SSIM of all its planes, in dB, as ffmpeg's filter counts it. */
  async ssim(path: string): Promise<number> {
    const own = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${this.width}x${this.height}`, '-r', String(this.fps), '-i', this.path];
    const { stderr } = await exec('ffmpeg', ['-v', 'info', '-nostats', '-r', String(this.fps), '-i', path, ...own, '-lavfi', '[0]setpts=N[a];[1]setpts=N[b];[a][b]ssim', '-f', 'null', '-']);
    return Number(/All:[\d.]+ \(([\d.]+|inf)\)/.exec(stderr)?.[1]);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
