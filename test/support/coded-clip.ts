import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const IVF_HEADER = 32;
const IVF_FRAME_HEADER = 12;

/**
 * What an encoder makes of some moving pictures, 160×96, with two key frames: the packets of a container.
 * @param coding arguments of ffmpeg
 * @param passes two, so that libvpx makes alternate reference frames
 */
export async function codedClip(coding: readonly string[], { frames = 40, passes = 1 } = {}): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-clip-'));
  try {
    const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=25', '-frames:v', String(frames), '-g', String(frames / 2), ...coding];
    const pass = (number: number): string[] => (passes === 1 ? [] : ['-pass', String(number), '-passlogfile', join(folder, 'pass')]);
    if (passes === 2) await exec('ffmpeg', [...input, ...pass(1), '-f', 'null', '-'], { env: QUIET });
    const { stdout } = await exec('ffmpeg', [...input, ...pass(2), '-f', 'ivf', '-'], { encoding: 'buffer', env: QUIET, maxBuffer: 16 << 20 });
    return packetsOf(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** SVT-AV1 says of each opening what it is set to. */
const QUIET = { ...process.env, SVT_LOG: '1' };

function packetsOf(ivf: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = IVF_HEADER; at < ivf.length; ) {
    const size = ivf.readUInt32LE(at);
    packets.push(ivf.subarray(at + IVF_FRAME_HEADER, at + IVF_FRAME_HEADER + size));
    at += IVF_FRAME_HEADER + size;
  }
  return packets;
}
