import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

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

/** Writes the numbers into real footage. @param size of the clip made, at least 768 pixels wide */
export async function numberClip(from: string, path: string, { width, height }: { width: number; height: number }): Promise<NumberedClip> {
  const square = (bit: number, count: number, color: string, enable = ''): string => `drawbox=x=${bit * SQUARE}:y=0:w=${count * SQUARE}:h=${SQUARE}:color=${color}:t=fill${enable}`;
  const ones = Array.from({ length: USED_BITS }, (_, bit) => square(bit, 1, 'white', `:enable='mod(floor(n/${2 ** bit}),2)'`));
  const filter = [`scale=${width}:${height}`, 'format=yuv420p', square(0, BITS, 'black'), ...ones].join(',');
  await exec('ffmpeg', ['-v', 'error', '-i', from, '-an', '-vf', filter, '-fps_mode', 'passthrough', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', path]);
  const { stdout } = await exec('ffprobe', ['-v', 'error', '-select_streams', 'v', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', path]);
  return { path, frames: Number(stdout) };
}
