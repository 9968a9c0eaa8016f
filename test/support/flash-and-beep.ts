import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A picture turns white and a tone of 1 kHz sounds for this long, in seconds, at each full second of a clip. */
const BEAT_S = 0.1;

/** ffmpeg's inputs for a clip whose flashes and beeps begin at the same moments. */
export function flashAndBeep(seconds: number): string[] {
  const beat = `lt(mod(t,1),${BEAT_S})`;
  return [
    ...['-f', 'lavfi', '-i', `color=black:s=320x240:r=30:d=${seconds},drawbox=c=white:t=fill:enable='${beat}',format=yuv420p`],
    ...['-f', 'lavfi', '-i', `aevalsrc='${beat}*0.5*sin(2*PI*1000*t)':s=48000:d=${seconds}`],
  ];
}

/**
 * Makes a clip.
 * @param audio ffmpeg's arguments for its sound
 * @param seconds its length, in whole seconds: it can be played in a loop
 */
export async function makeFlashAndBeep(path: string, audio: readonly string[], seconds = 8): Promise<void> {
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '30', '-shortest'];
  await promisify(execFile)('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...flashAndBeep(seconds), ...video, ...audio, path]);
}
