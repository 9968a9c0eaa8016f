import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { VideoCodec } from '../../src/pipeline/media/video-codec.ts';
import type { SeenPicture } from './whep-pictures.ts';

const exec = promisify(execFile);
/** As the time code of the generated scene has them: squares of pixels, least significant bit first. */
const SQUARE = 16;
const BITS = 32;
/** Bits that the number of a frame of a clip can have. */
const USED_BITS = 12;

/** A clip whose frames bear their place in it, 0 for the first, where the generated scene has its frames' numbers. */
export interface NumberedClip {
  readonly path: string;
  readonly frames: number;
}

export interface NumberingOptions {
  /** Of the clip made; at least 768 pixels wide where a whole time code is to be read, else 512. */
  readonly width: number;
  readonly height: number;
  /** ffmpeg's arguments for its encoder; left out, it is x264 as fast as can be. */
  readonly coding?: readonly string[];
}

const ONE_KEY = ['-b:v', '1M', '-g', '250'];
/** ffmpeg's arguments for clips with one key frame: AV1 and VP9 as encoders make them for files, with pictures that are not shown, and such as show those. */
export const CODINGS: Readonly<Record<Exclude<VideoCodec, 'H264'>, readonly string[]>> = {
  VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0', ...ONE_KEY],
  VP9: ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '8', '-auto-alt-ref', '1', '-lag-in-frames', '12', ...ONE_KEY],
  AV1: ['-c:v', 'libsvtav1', '-preset', '12', ...ONE_KEY],
};

const FAST = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18'];

/** Writes the numbers into footage. @param from a file, or ffmpeg's arguments for what it reads */
export async function numberClip(from: string | readonly string[], path: string, { width, height, coding = FAST }: NumberingOptions): Promise<NumberedClip> {
  const square = (bit: number, count: number, color: string, enable = ''): string => `drawbox=x=${bit * SQUARE}:y=0:w=${count * SQUARE}:h=${SQUARE}:color=${color}:t=fill${enable}`;
  const ones = Array.from({ length: USED_BITS }, (_, bit) => square(bit, 1, 'white', `:enable='mod(floor(n/${2 ** bit}),2)'`));
  const filter = [`scale=${width}:${height}`, 'format=yuv420p', square(0, BITS, 'black'), ...ones].join(',');
  await exec('ffmpeg', ['-v', 'error', ...(typeof from === 'string' ? ['-i', from] : from), '-an', '-vf', filter, '-fps_mode', 'passthrough', ...coding, path]);
  const { stdout } = await exec('ffprobe', ['-v', 'error', '-select_streams', 'v', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path]);
  return { path, frames: Number(stdout) };
}

/** The number that a picture of a numbered clip bears; undefined where it can't be read. */
export function numberIn({ plane, width }: Pick<SeenPicture, 'plane' | 'width'>): number | undefined {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const luma = plane[(SQUARE / 2) * width + bit * SQUARE + SQUARE / 2] ?? 128;
    if (luma > 80 && luma < 170) return undefined;
    if (luma >= 170) number += 2 ** bit;
  }
  return number;
}
