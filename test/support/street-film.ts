import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { streetClip } from './street-clip.ts';

/** Frames a second of the film. */
export const FILM_FPS = 15;
const FRAMES = 60;

/** A film of the generated street, in which its detector finds something in every frame, in the forms that senders take. */
export interface StreetFilm {
  /** H.264 without B-frames in MP4, a key frame twice a second, and a tone as AAC. */
  readonly path: string;
  /** The same as JPEG files: a pattern such as `/folder/%05d.jpg`. */
  readonly pattern: string;
  /** The contents of these files, in their order. */
  readonly pictures: readonly Buffer[];
}

/** Makes the film in a folder. */
export async function streetFilm(folder: string): Promise<StreetFilm> {
  const [raw, path, jpegs] = [join(folder, 'street-raw.mp4'), join(folder, 'street.mp4'), join(folder, 'street-jpegs')];
  await streetClip(raw, FRAMES, { seed: 7, width: 640, height: 360, fps: FILM_FPS, density: 1 });
  await mkdir(jpegs);
  const pattern = join(jpegs, '%05d.jpg');
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '8', '-crf', '20', '-c:a', 'aac', '-shortest', path];
  await ffmpeg('-i', raw, '-f', 'lavfi', '-i', 'sine=sample_rate=48000', ...encode);
  await ffmpeg('-i', raw, '-q:v', '4', '-start_number', '0', pattern);
  const names = (await readdir(jpegs)).toSorted();
  return { path, pattern, pictures: await Promise.all(names.map((name) => readFile(join(jpegs, name)))) };
}

async function ffmpeg(...args: string[]): Promise<void> {
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}
