import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { NalBitReader } from '../../../src/pipeline/passthrough/nal-bit-reader.ts';
import type { TranscodeReason } from '../../../src/pipeline/passthrough/transcode-reason.ts';
import { H264Reader } from '../../../src/pipeline/passthrough/h264-reader.ts';
import { parseSps } from '../../../src/pipeline/passthrough/h264-sps.ts';
import { NAL_AUD, NAL_IDR, NAL_PPS, NAL_SPS, nalType, splitAnnexB } from '../../../src/pipeline/rtp/annexb.ts';

const exec = promisify(execFile);
const START = Buffer.of(0, 0, 0, 1);

/** What x264 makes of some moving pictures: access units as byte streams. */
async function encoded(...coding: string[]): Promise<Buffer[]> {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=160x96:rate=25', '-frames:v', '8'];
  const { stdout } = await exec('ffmpeg', [...input, '-c:v', 'libx264', '-threads', '1', ...coding, '-aud', '1', '-f', 'h264', '-'], { encoding: 'buffer' });
  const units: Buffer[][] = [];
  for (const nal of splitAnnexB(stdout)) {
    if (nalType(nal) === NAL_AUD) units.push([]);
    units.at(-1)!.push(START, nal);
  }
  return units.map((parts) => Buffer.concat(parts));
}

function types(nals: readonly Buffer[]): number[] {
  return nals.map(nalType);
}

describe('what of H.264 is sent as it is', () => {
  const rows: [what: string, coding: string[], reason: TranscodeReason | undefined][] = [
    ['baseline', ['-profile:v', 'baseline'], undefined],
    ['main without B-frames', ['-profile:v', 'main', '-bf', '0'], undefined],
    ['high with scaling lists, a hypothetical decoder and colours', ['-bf', '0', '-x264-params', 'cqm=jvt:nal-hrd=vbr:vbv-maxrate=500:vbv-bufsize=500:colorprim=bt709:sar=4/3', '-profile:v', 'high'], undefined],
    ['B-frames', ['-bf', '2', '-b_strategy', '0'], 'b-frames'],
    ['fields', ['-bf', '0', '-flags', '+ildct+ilme'], 'interlaced'],
    ['ten bits', ['-bf', '0', '-pix_fmt', 'yuv420p10le'], 'profile'],
    ['4:2:2', ['-bf', '0', '-pix_fmt', 'yuv422p'], 'profile'],
    ['4:4:4', ['-bf', '0', '-pix_fmt', 'yuv444p'], 'profile'],
  ];
  for (const [what, coding, reason] of rows) {
    test(`${what}: ${reason ?? 'it is'}`, async () => {
      const reader = new H264Reader(null);
      for (const unit of await encoded(...coding)) {
        const read = reader.read(unit);
        assert.equal(typeof read === 'string' ? read : undefined, reason);
      }
    });
  }

  test('B slices are seen where the sequence does not announce them', async () => {
    const units = await encoded('-bf', '2', '-b_strategy', '0');
    const sps = splitAnnexB(units[0]!).find((nal) => nalType(nal) === NAL_SPS)!;
    const reader = new H264Reader(null);
    const plain = (await encoded('-bf', '0')).map(splitAnnexB)[0]!.find((nal) => nalType(nal) === NAL_SPS)!;
    assert.deepEqual([parseSps(sps).reorderFrames !== 0, parseSps(plain).reorderFrames], [true, 0]);
    // The sequence of another encoder, which promises that there is none.
    const lying = units.map((unit) => Buffer.concat(splitAnnexB(unit).flatMap((nal) => [START, nalType(nal) === NAL_SPS ? plain : nal])));
    const reads = lying.map((unit) => reader.read(unit));
    assert.equal(reads.at(-1), 'b-frames');
    assert.notEqual(reads[0], 'b-frames');
  });
});

describe('what is made of a container’s packets', () => {
  /** As MP4 and FLV have it: lengths before units, parameter sets apart (ISO/IEC 14496-15 §5.3.3.1). */
  async function boxed(): Promise<{ record: Buffer; packets: Buffer[]; units: Buffer[][] }> {
    const units = (await encoded('-profile:v', 'baseline', '-g', '4')).map(splitAnnexB);
    const find = (type: number): Buffer => units[0]!.find((nal) => nalType(nal) === type)!;
    const sized = (nal: Buffer): Buffer[] => [Buffer.of(nal.length >> 8, nal.length & 0xff), nal];
    const record = Buffer.concat([Buffer.of(1, 66, 0xc0, 31, 0xfd, 0xe1), ...sized(find(NAL_SPS)), Buffer.of(1), ...sized(find(NAL_PPS))]);
    const bare = units.map((nals) => nals.filter((nal) => nalType(nal) !== NAL_SPS && nalType(nal) !== NAL_PPS));
    return { record, packets: bare.map((nals) => Buffer.concat(nals.flatMap(sized))), units: bare };
  }

  test('an IDR begins with the parameter sets that the container holds apart, and nothing else changes', async () => {
    const { record, packets, units } = await boxed();
    const reader = new H264Reader(record);
    for (const [i, packet] of packets.entries()) {
      const read = reader.read(packet);
      assert.ok(typeof read !== 'string');
      const idr = units[i]!.some((nal) => nalType(nal) === NAL_IDR);
      assert.deepEqual([read.key, types(read.parts).slice(0, 2).join()], [idr, idr ? '7,8' : types(units[i]!).slice(0, 2).join()]);
      assert.deepEqual(read.parts.slice(idr ? 2 : 0), units[i]);
    }
  });

  test('a length that leads behind the end is damage, and so is an IDR whose parameter sets are not known', async () => {
    const { record, packets, units } = await boxed();
    assert.equal(new H264Reader(record).read(packets[0]!.subarray(0, -1)), 'damaged');
    assert.equal(new H264Reader(null).read(Buffer.concat(units[0]!.flatMap((nal) => [START, nal]))), 'damaged');
  });

  test('parameter sets of a byte stream are repeated with each IDR, also when they change', async () => {
    const reader = new H264Reader(null);
    for (const coding of [['-profile:v', 'baseline'], ['-profile:v', 'high', '-bf', '0']]) {
      const [first, ...rest] = (await encoded(...coding, '-g', '4')).map(splitAnnexB);
      const own = first!.filter((nal) => nalType(nal) === NAL_SPS || nalType(nal) === NAL_PPS);
      assert.ok(typeof reader.read(Buffer.concat(first!.flatMap((nal) => [START, nal]))) !== 'string');
      const again = rest.find((nals) => types(nals).includes(NAL_IDR))!.filter((nal) => !own.some((one) => one.equals(nal)));
      const read = reader.read(Buffer.concat(again.flatMap((nal) => [START, nal])));
      assert.ok(typeof read !== 'string');
      assert.deepEqual(read.parts.slice(0, 2), own);
    }
  });

  test('a picture that is missing is noticed by the next one', async () => {
    const reader = new H264Reader(null);
    const reads = (await encoded('-bf', '0', '-g', '5')).filter((_, i) => i !== 2).map((unit) => reader.read(unit));
    assert.deepEqual(reads.map((read) => (typeof read === 'string' ? read : read.key)), [true, false, 'damaged', false, true, false, false]);
  });

  test('a cut-off parameter set is told from a whole one', () => {
    assert.throws(() => parseSps(Buffer.of(0x67, 66, 0xc0, 31)), RangeError);
    assert.throws(() => new NalBitReader(Buffer.alloc(8)).unsigned(), RangeError);
    // An emulation prevention byte is none of the payload's.
    assert.equal(new NalBitReader(Buffer.of(0, 0, 3, 1)).bits(24), 1);
  });
});
