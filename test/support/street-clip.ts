import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SceneOptions } from '../../src/demo/options.ts';
import { StreetScene, type SceneObject } from '../../src/demo/scene.ts';

/**
 * Makes a film of the generated street, as H.264 of high quality.
 * @returns what is to be found in each of its frames
 */
export async function streetClip(path: string, frames: number, options: Partial<SceneOptions> = {}): Promise<SceneObject[][]> {
  const scene = await StreetScene.create(SceneOptions.parse({ light: 'day', ...options }));
  const { width, height, fps } = scene;
  const strides = [width, width / 2, width / 2] as const;
  const ffmpeg = spawn(
    'ffmpeg',
    ['-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(fps), '-i', '-', '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '16', '-y', path],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const ended = once(ffmpeg, 'close');
  const truth: SceneObject[][] = [];
  for (let index = 0; index < frames; index++) {
    const planes = [Buffer.alloc(width * height), Buffer.alloc((width * height) / 4), Buffer.alloc((width * height) / 4)] as const;
    truth.push(scene.render({ index }, planes, strides));
    if (options.timecode === true) scene.drawTimecode({ seq: index, rtp: index * 3000, capturedAt: (index * 1000) / fps }, planes, strides);
    if (!ffmpeg.stdin.write(Buffer.concat(planes))) await once(ffmpeg.stdin, 'drain');
  }
  ffmpeg.stdin.end();
  scene.close();
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return truth;
}
