import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { FrameNumberer, type FrameId } from '../../../src/pipeline/frame.ts';
import { PacketTap } from '../../../src/pipeline/passthrough/packet-tap.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { MediaInput } from '../../../src/pipeline/source/media-input.ts';
import type { SourceFrame } from '../../../src/pipeline/source/source.ts';

const FRAMES = 90;
const CLIPS = [
  { name: 'without B-frames', file: 'plain.mp4', coding: ['-c:v', 'libx264', '-bf', '0'] },
  { name: 'with B-frames', file: 'b-frames.mp4', coding: ['-c:v', 'libx264', '-bf', '3', '-b_strategy', '0'] },
  { name: 'of a transport stream', file: 'plain.ts', coding: ['-c:v', 'libx264', '-bf', '0'] },
  { name: 'of H.265', file: 'hevc.mp4', coding: ['-c:v', 'libx265', '-x265-params', 'log-level=none'] },
  { name: 'of VP9', file: 'vp9.webm', coding: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-lag-in-frames', '0'] },
] as const;

interface Read {
  readonly id: FrameId;
  /** What the picture shows; undefined where there is none. */
  readonly look: string | undefined;
}

/** Reads a file. @param wanted whether pictures are wanted when so many frames were read */
async function read(path: string, wanted: (count: number) => boolean): Promise<Read[]> {
  let count = 0;
  const pictures = { get wanted(): boolean { return wanted(count); } };
  const input = await MediaInput.open({ address: path, name: path, protocols: ['file'], pictures, tap: new PacketTap(() => true) });
  const numberer = new FrameNumberer();
  const frames: Read[] = [];
  try {
    for await (const { id, picture } of input.frames((mediaMs = 0) => numberer.number(1_000_000 + mediaMs))) {
      frames.push({ id, look: picture === undefined ? undefined : look(picture) });
      picture?.release();
      count = frames.length;
    }
  } finally {
    await input.close();
  }
  return frames;
}

function look({ planes: [luma], strides: [stride], width, height }: Picture): string {
  const hash = createHash('sha1');
  for (let y = 0; y < height; y++) hash.update(luma.subarray(y * stride, y * stride + width));
  return hash.digest('hex');
}

describe('frames of packets', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-frames-'));
    for (const { file, coding } of CLIPS) {
      // One key frame, at the beginning: what is decoded later can only be decoded from there.
      const args = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=30', '-frames:v', String(FRAMES), ...coding, '-g', '600', '-pix_fmt', 'yuv420p', join(folder, file)];
      await promisify(execFile)('ffmpeg', args);
    }
  });
  after(() => rm(folder, { recursive: true }));

  for (const { name, file } of CLIPS) {
    describe(name, () => {
      it('have no pictures but the first while none are wanted, and the same numbers and times', async () => {
        const [decoded, passed] = [await read(join(folder, file), () => true), await read(join(folder, file), () => false)];
        assert.equal(decoded.length, FRAMES);
        assert.ok(decoded.every((frame) => frame.look !== undefined));
        assert.deepEqual(passed.map(({ id }) => id), decoded.map(({ id }) => id));
        assert.equal(passed[0]!.look, decoded[0]!.look);
        // One that is decoded before another picture was asked for may have its picture too.
        assert.ok(passed.slice(5).every((frame) => frame.look === undefined), 'they are only read');
      });

      it('have pictures again with the very next frame, from the packets that were kept', async () => {
        const decoded = await read(join(folder, file), () => true);
        const [from, to] = [40, 60];
        const some = await read(join(folder, file), (count) => count >= from && count < to);
        assert.deepEqual(some.map(({ id }) => id.seq), decoded.map(({ id }) => id.seq));
        for (const [i, frame] of some.entries()) {
          if (frame.look !== undefined) assert.equal(frame.look, decoded[i]!.look, `frame ${i} shows what it shows where all are decoded`);
        }
        // B-frames on their way through the decoder may pass before it.
        const first = some.findIndex((frame, i) => i >= 10 && frame.look !== undefined);
        assert.ok(first >= from && first <= from + 4, `pictures from frame ${first} on`);
        assert.ok(some.slice(first, to - 4).every((frame) => frame.look !== undefined));
        assert.ok(some.slice(to + 5).every((frame) => frame.look === undefined));
      });
    });
  }

  it('give the picture of the newest one, where that was not decoded', async () => {
    const path = join(folder, 'plain.mp4');
    const decoded = await read(path, () => true);
    const input = await MediaInput.open({ address: path, name: path, protocols: ['file'], pictures: { wanted: false } });
    const frames: AsyncGenerator<SourceFrame> = input.frames((mediaMs = 0) => ({ seq: 0, rtp: 0, capturedAt: mediaMs }));
    for (let i = 0; i < 50; i++) (await frames.next()).value?.picture?.release();
    const latest = await input.latest();
    assert.ok(latest !== undefined);
    assert.equal(look(latest), decoded[49]!.look);
    latest.release();
    await input.close();
  });
});
