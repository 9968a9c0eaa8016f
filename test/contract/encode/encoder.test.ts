import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Codec, CodecContext } from 'node-av/lib';
import { AVCOL_RANGE_JPEG, AVCOL_RANGE_MPEG, AVCOL_SPC_BT709, AVCOL_SPC_SMPTE170M } from 'node-av/constants';
import { VideoEncoder, type EncodedFrame, type EncoderShape } from '../../../src/pipeline/encode/encoder.ts';
import { ActiveEncoder, EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { ENCODERS } from '../../../src/pipeline/encode/encoders.ts';
import { ENCODER_OF_CODEC } from '../../../src/pipeline/encode/software-encoders.ts';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { NAL_IDR, NAL_PPS, NAL_SPS, nalType } from '../../../src/pipeline/rtp/annexb.ts';
import { bytesOf, decode, moving, noise, psnr } from './kit.ts';

const SHAPE: EncoderShape = { width: 320, height: 180, range: 'limited', fps: 30, bitrate: 800_000 };

/** Encodes frames 33 ms apart, as one run that goes on with each call. */
class Run {
  readonly encoder: VideoEncoder;
  readonly #numberer = new FrameNumberer();

  constructor(t: TestContext, shape: Partial<EncoderShape> = {}, options: Partial<EncoderOptions> = {}, name: ActiveEncoder = 'x264') {
    this.encoder = new VideoEncoder(name, { ...SHAPE, ...shape }, EncoderOptions.parse(options));
    t.after(() => this.encoder.close());
  }

  async encode(picture: Picture, key: boolean): Promise<EncodedFrame[]> {
    try {
      return await this.encoder.encode(picture.frame, this.#numberer.number(this.#numberer.nextSeq * 33), key);
    } finally {
      picture.release();
    }
  }

  /** @param idrs numbers of the frames, from the first of this call, that are to be IDR frames */
  async frames(count: number, draw: (step: number) => Picture = moving, idrs: readonly number[] = [0]): Promise<EncodedFrame[]> {
    const made: EncodedFrame[] = [];
    for (let i = 0; i < count; i++) made.push(...(await this.encode(draw(this.#numberer.nextSeq), idrs.includes(i))));
    return made;
  }
}

describe('x264', () => {
  test('gives each frame at once, decodable and close to what went in', async (t) => {
    const made = await new Run(t).frames(20);
    assert.deepEqual(made.map(({ id }) => id.seq), Array.from({ length: 20 }, (_, i) => i));
    const decoded = decode(made);
    assert.equal(decoded.length, 20);
    decoded.forEach((picture, step) => {
      const original = moving(step);
      const ratio = psnr(picture, original);
      original.release();
      assert.ok(ratio > 25, `frame ${step}: ${ratio} dB`);
    });
  });

  test('makes an IDR frame where it is asked for and nowhere else, with parameter sets', async (t) => {
    const made = await new Run(t).frames(30, moving, [0, 7, 20]);
    assert.deepEqual(made.flatMap(({ key, id }) => (key ? [id.seq] : [])), [0, 7, 20]);
    for (const { key, parts } of made) {
      const types = parts.map(nalType);
      assert.equal(types.includes(NAL_IDR), key);
      if (key) assert.ok(types.includes(NAL_SPS) && types.includes(NAL_PPS));
    }
  });

  test('makes no IDR frame of its own at a cut', async (t) => {
    const made = await new Run(t).frames(10, (step) => (step < 5 ? moving(step) : noise(step)));
    assert.deepEqual(made.map(({ key }) => key), [true, ...new Array<boolean>(9).fill(false)]);
  });

  test('makes constrained baseline of level 3.1 from 720p30', async (t) => {
    const run = new Run(t, { width: 1280, height: 720, bitrate: 2_800_000 });
    const [first] = await run.encode(moving(0, 1280, 720), true);
    const sps = first!.parts.find((nal) => nalType(nal) === NAL_SPS)!;
    assert.equal(sps[1], 66, 'profile_idc');
    assert.ok((sps[2]! & 0x40) !== 0, 'constraint_set1_flag');
    assert.equal(sps[3], 31, 'level_idc');
  });

  test('follows a change of bitrate without an IDR frame', async (t) => {
    const run = new Run(t, { bitrate: 3_000_000 });
    await run.frames(30, noise);
    const before = await run.frames(60, noise, []);
    run.encoder.setBitrate(500_000);
    await run.frames(30, noise, []);
    const after = await run.frames(60, noise, []);
    assert.ok(bytesOf(after) < bytesOf(before) / 2, `${bytesOf(before)} → ${bytesOf(after)} bytes`);
    assert.ok(after.every(({ key }) => !key));
  });

  test('spends a fraction of its bitrate on a picture that hardly changes, at any bitrate, and all of it on noise', async (t) => {
    const run = new Run(t, { bitrate: 2_000_000 });
    const still = (step: number): Picture => moving(step % 2);
    await run.frames(30, still);
    const kbits = async (draw: (step: number) => Picture): Promise<number> => (bytesOf(await run.frames(60, draw, [])) * 8) / 2 / 1000;
    assert.ok((await kbits(still)) < 600);
    run.encoder.setBitrate(4_000_000);
    assert.ok((await kbits(still)) < 600, 'a bitrate that changes while it runs is still the most, not a target');
    run.encoder.setBitrate(800_000);
    await kbits(noise);
    const most = await kbits(noise);
    assert.ok(most > 720 && most < 880, `${most} kbit/s`);
  });

  for (const [profile, idc] of [['main', 77], ['high', 100]] as const) {
    test(`makes ${profile} profile where that is asked for, decodable, with an IDR frame where it is asked for`, async (t) => {
      const made = await new Run(t, {}, { profile }).frames(10, moving, [0, 5]);
      assert.deepEqual(made.map(({ key }) => key), made.map((_, i) => i % 5 === 0));
      assert.equal(made[0]!.parts.find((nal) => nalType(nal) === NAL_SPS)![1], idc);
      const decoded = decode(made);
      assert.equal(decoded.length, 10);
      decoded.forEach((picture, step) => {
        const original = moving(step);
        assert.ok(psnr(picture, original) > 25, `frame ${step}`);
        original.release();
      });
    });
  }

  test('keeps every frame near its share of the bitrate with a one-frame VBV, IDR frames included', async (t) => {
    const share = SHAPE.bitrate / SHAPE.fps / 8;
    const largest = async (options: Partial<EncoderOptions>): Promise<number> => {
      const made = await new Run(t, {}, options).frames(30, moving, [0, 15]);
      return Math.max(...made.map((frame) => bytesOf([{ ...frame, parts: frame.parts.filter((nal) => nalType(nal) <= NAL_IDR) }])));
    };
    const free = await largest({});
    const tight = await largest({ oneFrameVbv: true });
    assert.ok(tight < share * 1.25, `${tight} bytes of ${share}`);
    assert.ok(free > share * 1.25, `${free} bytes of ${share} without it`);
  });

  test('says how bright its black is, and which matrix its colours use', async (t) => {
    const [limited] = decode(await new Run(t).frames(1));
    assert.equal(limited!.colorRange, AVCOL_RANGE_MPEG);
    assert.equal(limited!.colorSpace, AVCOL_SPC_SMPTE170M);
    const full = new Run(t, { width: 1280, height: 720, range: 'full' });
    const [large] = decode(await full.encode(moving(0, 1280, 720, 'full'), true));
    assert.equal(large!.colorRange, AVCOL_RANGE_JPEG);
    assert.equal(large!.colorSpace, AVCOL_SPC_BT709);
  });

  test('leaves out the last column and row of odd sizes, and leaves the frame as it was', async (t) => {
    const run = new Run(t, { width: 161, height: 121 });
    const picture = moving(0, 161, 121);
    t.after(() => picture.release());
    const { pts } = picture.frame;
    const made = await run.encoder.encode(picture.frame, new FrameNumberer().number(1), true);
    assert.deepEqual([picture.frame.width, picture.frame.height, picture.frame.pts], [161, 121, pts]);
    assert.ok(picture.frame.isWritable, 'nobody else holds the picture');
    const [decoded] = decode(made);
    assert.deepEqual([decoded!.width, decoded!.height], [160, 120]);
    assert.ok(psnr(decoded!, picture) > 25);
  });
});

for (const codec of ['VP8', 'VP9', 'AV1'] as const) {
  describe(`the software encoder of ${codec}`, () => {
    const name = ENCODER_OF_CODEC[codec];

    test('gives each frame at once, close to what went in, and a key frame where it is asked for and nowhere else', async (t) => {
      const run = new Run(t, {}, {}, name);
      const made: EncodedFrame[] = [];
      for (let step = 0; step < 24; step++) {
        const frames = await run.encode(step < 12 ? moving(step) : moving(step * 7), [0, 5, 19].includes(step));
        assert.equal(frames.length, 1, `frame ${step}`);
        made.push(...frames);
      }
      assert.deepEqual(made.map(({ id }) => id.seq), Array.from({ length: 24 }, (_, i) => i));
      assert.deepEqual(made.flatMap(({ key, id }) => (key ? [id.seq] : [])), [0, 5, 19]);
      const decoded = decode(made, codec);
      assert.equal(decoded.length, 24, 'each is shown');
      decoded.forEach((picture, step) => {
        const original = step < 12 ? moving(step) : moving(step * 7);
        const ratio = psnr(picture, original);
        original.release();
        assert.deepEqual([picture.width, picture.height], [320, 180]);
        assert.ok(ratio > 25, `frame ${step}: ${ratio} dB`);
      });
      // Whoever joins begins with any of the key frames.
      assert.equal(decode(made.slice(19), codec).length, 5);
    });

    test('holds its bitrate, and another from a key frame on', async (t) => {
      const run = new Run(t, { bitrate: 1_500_000 }, {}, name);
      await run.frames(10, noise);
      const before = await run.frames(30, noise, []);
      run.encoder.setBitrate(300_000);
      const [first, ...rest] = await run.frames(40, noise, []);
      assert.ok(first!.key && rest.every(({ key }) => !key));
      assert.ok(bytesOf(rest.slice(-30)) < bytesOf(before) / 2, `${bytesOf(before)} → ${bytesOf(rest.slice(-30))} bytes`);
    });

    test('takes odd sizes as they are, and pictures that two threads share', async (t) => {
      const odd = new Run(t, { width: 161, height: 121 }, {}, name);
      const large = new Run(t, { width: 1920, height: 1080, bitrate: 4_000_000 }, {}, name);
      for (const [run, ...size] of [[odd, 161, 121], [large, 1920, 1080]] as const) {
        const [decoded] = decode(await run.encode(moving(0, ...size), true), codec);
        assert.deepEqual([decoded!.width, decoded!.height], size);
        const original = moving(0, ...size);
        const ratio = psnr(decoded!, original);
        original.release();
        assert.ok(ratio > 25, `${size.join('×')}: ${ratio} dB`);
      }
    });

    if (codec !== 'VP8') {
      test('says how bright its black is, and which matrix its colours use', async (t) => {
        const full = new Run(t, { width: 1280, height: 720, range: 'full' }, {}, name);
        const [picture] = decode(await full.encode(moving(0, 1280, 720, 'full'), true), codec);
        assert.deepEqual([picture!.colorRange, picture!.colorSpace], [AVCOL_RANGE_JPEG, AVCOL_SPC_BT709]);
      });
    }
  });
}

describe('every encoder', () => {
  for (const name of ActiveEncoder.options) {
    test(`knows all options that ${name} is given`, (t) => {
      const codec = Codec.findEncoderByName(ENCODERS[name].codec);
      if (codec === null) return t.skip(`libav is built without ${ENCODERS[name].codec} here`);
      const context = new CodecContext();
      context.allocContext3(codec);
      t.after(() => context.freeContext());
      for (const [option, value] of Object.entries(ENCODERS[name].options(EncoderOptions.parse({}), 2, 'superfast'))) {
        assert.ok(context.setOption(option, value) >= 0, `${option}=${value}`);
      }
    });
  }

  for (const name of ['nvenc', 'qsv'] as const) {
    test(`${name} either works or fails in opening its device`, async (t) => {
      const run = new Run(t, {}, {}, name);
      await run.encode(moving(0), true).then(
        (made) => assert.equal(made.length, 1),
        (error: unknown) => assert.match(String(error), new RegExp(`open ${name}|has no encoder`)),
      );
    });
  }
});
