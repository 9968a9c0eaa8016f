import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { AV_CODEC_ID_AV1, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9 } from 'node-av/constants';
import type { PacketReader } from '../../../src/pipeline/passthrough/packet-reader.ts';
import { createReader } from '../../../src/pipeline/passthrough/readers.ts';
import type { TranscodeReason } from '../../../src/pipeline/passthrough/transcode-reason.ts';
import { vp9Frames, vp9Superframe } from '../../../src/pipeline/rtp/depacketize/vp9-frames.ts';
import { OBU_FRAME, OBU_SEQUENCE_HEADER, obuType, sizedObu, splitObus } from '../../../src/pipeline/rtp/obu.ts';
import { codedClip } from '../../support/coded-clip.ts';

const IDS = { VP8: AV_CODEC_ID_VP8, VP9: AV_CODEC_ID_VP9, AV1: AV_CODEC_ID_AV1 };
type Codec = keyof typeof IDS;

const LIBVPX = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'];
const LIBVPX_VP9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'];
const SVT = ['-c:v', 'libsvtav1', '-preset', '12'];
const AOM = ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8'];
const HIDDEN = { passes: 2 };

function readerOf(codec: Codec, extradata: Buffer | null = null): PacketReader {
  return createReader({ codecId: IDS[codec], extradata })!.reader;
}

/** What a reader says of each packet: a reason, or whether it is a key frame. */
function reads(reader: PacketReader, packets: readonly Buffer[]): (boolean | TranscodeReason)[] {
  return packets.map((packet) => reader.read(packet)).map((read) => (typeof read === 'string' ? read : read.key));
}

test('of other codecs nothing is known', () => {
  assert.equal(createReader({ codecId: AV_CODEC_ID_HEVC, extradata: null }), undefined);
});

describe('what of VP8, VP9 and AV1 is sent as it is', () => {
  const rows: [what: string, codec: Codec, coding: string[], options: { frames?: number; passes?: number }, reason: TranscodeReason | undefined][] = [
    ['VP8', 'VP8', LIBVPX, {}, undefined],
    ['VP8 of another version', 'VP8', [...LIBVPX, '-profile:v', '3'], {}, undefined],
    ['VP8 with alternate reference frames', 'VP8', ['-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '16', '-cpu-used', '5', '-b:v', '200k'], { frames: 60, ...HIDDEN }, 'hidden-frames'],
    ['VP9', 'VP9', LIBVPX_VP9, {}, undefined],
    ['VP9 with superframes and frames that are shown later', 'VP9', ['-c:v', 'libvpx-vp9', '-auto-alt-ref', '6', '-lag-in-frames', '16', '-cpu-used', '5'], HIDDEN, undefined],
    ['VP9 of 4:4:4', 'VP9', [...LIBVPX_VP9, '-pix_fmt', 'yuv444p'], { frames: 2 }, 'profile'],
    ['VP9 of ten bits', 'VP9', [...LIBVPX_VP9, '-pix_fmt', 'yuv420p10le'], { frames: 2 }, 'profile'],
    ['AV1 with frames that are shown later', 'AV1', SVT, {}, undefined],
    ['AV1 with film grain', 'AV1', [...SVT, '-svtav1-params', 'film-grain=8'], {}, undefined],
    ['AV1 of ten bits', 'AV1', [...AOM, '-pix_fmt', 'yuv420p10le'], { frames: 2 }, 'profile'],
    ['AV1 of 4:4:4', 'AV1', [...AOM, '-pix_fmt', 'yuv444p'], { frames: 2 }, 'profile'],
    ['AV1 of grey', 'AV1', [...AOM, '-pix_fmt', 'gray'], { frames: 2 }, 'profile'],
  ];
  for (const [what, codec, coding, options, reason] of rows) {
    test(`${what}: ${reason ?? 'it is'}`, async () => {
      const read = reads(readerOf(codec), await codedClip(coding, options));
      if (reason !== undefined) return assert.equal(read.at(-1), reason);
      assert.deepEqual(read.flatMap((key, i) => (key === false ? [] : [[i, key]])), [[0, true], [20, true]]);
    });
  }

  test('VP9 of several spatial layers is not: each of them is shown', async () => {
    const [key, delta] = await codedClip(LIBVPX_VP9, { frames: 2 });
    assert.deepEqual(reads(readerOf('VP9'), [vp9Superframe([key!, key!]), delta!]), ['hidden-frames', 'hidden-frames']);
  });
});

describe('AV1 of a container', () => {
  let packets: Buffer[];
  before(async () => {
    packets = await codedClip(AOM, { frames: 4 });
  });
  const bare = (packet: Buffer): Buffer => Buffer.concat(splitObus(packet)!.filter((obu) => obuType(obu) !== OBU_SEQUENCE_HEADER).map(sizedObu));
  const sequenceOf = (packet: Buffer): Buffer => splitObus(packet)!.find((obu) => obuType(obu) === OBU_SEQUENCE_HEADER)!;

  test('begins with its sequence header, wherever that comes from', () => {
    const sequence = sequenceOf(packets[0]!);
    const record = Buffer.concat([Buffer.of(0x81, 0, 0x0c, 0), sizedObu(sequence)]);
    for (const extradata of [record, sizedObu(sequence)]) {
      const read = readerOf('AV1', extradata).read(bare(packets[0]!));
      assert.ok(typeof read !== 'string');
      assert.deepEqual([read.key, read.parts[0], read.parts.map(obuType)], [true, sequence, [OBU_SEQUENCE_HEADER, OBU_FRAME]]);
    }
    const reader = readerOf('AV1');
    assert.equal(reader.read(bare(packets[0]!)), 'damaged', 'nobody knows its sequence');
    assert.deepEqual(reads(reader, [...packets, bare(packets[0]!)]), [true, false, true, false, true], 'the one before is known');
    reader.configure(Buffer.alloc(0));
    assert.equal(reader.read(bare(packets[0]!)), 'damaged', 'another has begun');
  });

  test('of several operating points is not sent as it is', () => {
    // Profile, still picture, reduced header, timing info, initial delay: all none; then two operating points.
    const sequence = Buffer.from([0x08, 0, 0b0001_0000, ...new Array<number>(20).fill(0)]);
    assert.equal(readerOf('AV1').read(Buffer.concat([sizedObu(sequence), bare(packets[0]!)])), 'profile');
  });

  test('of more parts than there can be is damaged', () => {
    const reader = readerOf('AV1');
    assert.ok(typeof reader.read(packets[0]!) !== 'string');
    assert.equal(reader.read(Buffer.alloc(2 << 20, Buffer.of(0x32, 0x00))), 'damaged');
  });

  test('with a number that does not end in its sequence header is damaged', () => {
    // Timing info with an equal picture interval, whose ticks are told in a code of leading zeros.
    const sequence = Buffer.concat([Buffer.of(0x08, 0x04, 0, 0, 0, 0, 0, 0, 0, 0x02), Buffer.alloc(1 << 20)]);
    assert.equal(readerOf('AV1').read(Buffer.concat([sizedObu(sequence), bare(packets[0]!)])), 'damaged');
  });
});

describe('packets that are damaged', () => {
  const CLIPS: [Codec, string[], { frames: number; passes?: number }][] = [
    ['VP8', LIBVPX, { frames: 2 }],
    ['VP9', ['-c:v', 'libvpx-vp9', '-auto-alt-ref', '6', '-lag-in-frames', '16', '-cpu-used', '5'], { frames: 30, passes: 2 }],
    ['AV1', SVT, { frames: 10 }],
  ];
  for (const [codec, coding, options] of CLIPS) {
    test(`${codec}, cut off anywhere or with any byte changed, is answered`, async () => {
      const packets = await codedClip(coding, options);
      for (const packet of packets.slice(0, 4)) {
        const reader = readerOf(codec);
        reader.read(packets[0]!);
        for (let end = 0; end < Math.min(packet.length, 600); end++) assert.ok(reader.read(packet.subarray(0, end)));
        for (let at = 0; at < Math.min(packet.length, 300); at++) {
          for (const bits of [0x01, 0x80, 0xff]) {
            const changed = Buffer.from(packet);
            changed[at]! ^= bits;
            assert.ok(readerOf(codec, changed).read(changed));
          }
        }
      }
      assert.equal(readerOf(codec).read(Buffer.alloc(0)), 'damaged');
      assert.equal(readerOf(codec).read(packets[0]!.subarray(0, 2)), 'damaged');
    });
  }

  test('VP9 frames behind the end of their superframe are none', async () => {
    const [key] = await codedClip(LIBVPX_VP9, { frames: 2 });
    const superframe = vp9Superframe([key!, key!]);
    superframe.writeUInt32LE(key!.length * 2, superframe.length - 9);
    assert.equal(vp9Frames(superframe)[1]!.length, 0);
    assert.equal(readerOf('VP9').read(superframe), 'damaged');
  });
});
