import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { parseSps, type SequenceParameters } from '../../../src/pipeline/passthrough/h264-sps.ts';
import { NAL_SPS, nalType, splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';

const exec = promisify(execFile);

/** What x264 says of some pictures. */
async function sequenceOf(size: string, fps: string, ...coding: string[]): Promise<SequenceParameters> {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-frames:v', '1'];
  const { stdout } = await exec('ffmpeg', [...input, '-c:v', 'libx264', '-threads', '1', ...coding, '-f', 'h264', '-'], { encoding: 'buffer' });
  return parseSps(splitAnnexB(stdout).find((nal) => nalType(nal) === NAL_SPS)!);
}

describe('how a sequence looks, by its parameter set', () => {
  const rows: [size: string, fps: string, width: number, height: number, rate: number, ...coding: string[]][] = [
    ['160x96', '25', 160, 96, 25],
    // No whole number of macroblocks: the rest is cropped.
    ['1920x1080', '30000/1001', 1920, 1080, 30_000 / 1001],
    ['322x182', '10', 322, 182, 10, '-profile:v', 'baseline'],
    // Fields: cropping counts twice as much.
    ['720x484', '25', 720, 484, 25, '-flags', '+ildct+ilme'],
    ['162x98', '50', 162, 98, 50, '-pix_fmt', 'yuv422p'],
    ['160x96', '50', 159, 93, 50, '-vf', 'format=yuv444p,crop=159:93'],
    ['160x96', '12', 160, 96, 12, '-x264-params', 'cqm=jvt:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:colorprim=bt709:sar=4/3'],
  ];
  for (const [size, fps, width, height, rate, ...coding] of rows) {
    test(`${width}×${height} at ${fps}${coding.length > 0 ? `, ${coding.join(' ')}` : ''}`, async () => {
      const sequence = await sequenceOf(size, fps, ...coding);
      assert.deepEqual([sequence.width, sequence.height], [width, height]);
      assert.ok(Math.abs((sequence.fps ?? 0) - rate) < 1e-3, `${sequence.fps}`);
    });
  }
});
