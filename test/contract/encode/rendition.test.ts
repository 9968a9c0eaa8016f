import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { AV_CODEC_ID_AV1, AV_CODEC_ID_VP8, AV_CODEC_ID_VP9 } from 'node-av/constants';
import { VideoEncoder } from '../../../src/pipeline/encode/encoder.ts';
import { EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { PresetControl } from '../../../src/pipeline/encode/preset-control.ts';
import { FrameNumberer, type FrameId } from '../../../src/pipeline/frame.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import type { PassthroughSource } from '../../../src/pipeline/passthrough/passthrough-source.ts';
import { createReader } from '../../../src/pipeline/passthrough/readers.ts';
import { NAL_IDR, NAL_SPS } from '../../../src/pipeline/rtp/annexb.ts';
import { FrameAssembler, type AssembledFrame } from '../../../src/pipeline/rtp/frame-assembler.ts';
import { splitObus } from '../../../src/pipeline/rtp/obu.ts';
import { readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import { codedClip } from '../../support/coded-clip.ts';
import { freeUdpPort } from '../../support/free-udp-port.ts';
import { decode, moving, nack, pli, Receiver, SSRC } from './kit.ts';
import { SentRendition, type SentRenditionOptions } from './sent-rendition.ts';

const TYPE_STAP_A = 24;

/** An output with a source that numbers its frames 33 ms apart. */
class Stream {
  readonly output: SentRendition;
  readonly ids: FrameId[] = [];
  readonly sent: number[] = [];
  readonly #numberer = new FrameNumberer();
  readonly start = 1_000_000;
  /** What its clock says. */
  now = this.start;

  /** Left to itself, its preset is fixed: what the machine has to do beside changes nothing. */
  constructor(t: TestContext, { encoders, codec, presets, options = { preset: 'superfast' } }: Partial<Pick<SentRenditionOptions, 'encoders' | 'codec' | 'presets'>> & { options?: Partial<EncoderOptions> } = { encoders: ['x264'] }) {
    this.output = new SentRendition({
      options: EncoderOptions.parse(options),
      ...(presets === undefined ? {} : { presets }),
      ...(codec === undefined ? {} : { codec }),
      ...(encoders === undefined ? {} : { encoders }),
      onSent: ({ seq }) => this.sent.push(seq),
      clock: { now: () => this.now },
    });
    t.after(() => this.output.close());
  }

  async push(draw: (step: number) => Picture = moving): Promise<void> {
    const id = this.#numberer.number(this.start + this.ids.length * 33);
    this.ids.push(id);
    const picture = draw(id.seq);
    try {
      await this.output.push(id, picture.frame, picture.range);
    } finally {
      picture.release();
    }
  }

  forward(coded: PassthroughSource): Promise<void> | undefined {
    const id = this.#numberer.number(this.start + this.ids.length * 33);
    this.ids.push(id);
    return this.output.forward(id, coded);
  }

  async pushMany(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.push();
  }
}

/** The type of the first NAL unit of a packet that carries header extensions. */
function firstType(packet: Buffer): number {
  const payload = packet.subarray(12 + 4 + packet.readUInt16BE(14) * 4);
  return payload[0]! & 0x1f;
}

describe('a rendition', () => {
  test('sends RTP with the frame’s timestamp, a marker on its last packet and one SSRC', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 65_530);
    await stream.pushMany(5);
    await receiver.until(() => receiver.marked.length >= 5 && receiver.packets.some((packet) => packet[1] === 200));
    assert.deepEqual(stream.sent, [0, 1, 2, 3, 4]);
    assert.deepEqual(receiver.marked.map((packet) => packet.readUInt32BE(4)), stream.ids.map(({ rtp }) => rtp));
    assert.ok(receiver.rtp.every((packet) => packet.readUInt32BE(8) === SSRC && packet.length <= 1240));
    receiver.rtp.forEach((packet, i) => assert.equal(packet.readUInt16BE(2), (65_530 + i) & 0xffff));
    assert.equal(stream.output.stats().sequence, receiver.rtp.at(-1)!.readUInt16BE(2));
  });

  test('answers any number of requests for a key frame with one IDR frame, and a NACK with the packet', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    // 330 ms on the frames' own clock: the requests are due at once, and all of them together once.
    await stream.pushMany(10);
    await receiver.until(() => receiver.marked.length >= 10);
    const { idrs } = stream.output.stats();
    const [first] = receiver.rtp;
    const from = receiver.packets.length;
    for (let i = 0; i < 20; i++) receiver.reply(pli());
    receiver.reply(nack(first!.readUInt16BE(2)));
    await receiver.until(() => receiver.packets.slice(from).some((packet) => packet.equals(first!)));
    await stream.pushMany(30);
    assert.equal(stream.output.stats().idrs, idrs + 1);
  });

  test('serves three requests with their next frames, and another one when 250 ms are over', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    await stream.pushMany(2);
    for (const idrs of [2, 3, 4]) {
      stream.output.requestKeyframe();
      await stream.pushMany(1);
      assert.equal(stream.output.stats().idrs, idrs);
    }
    // 33 ms after the third one; the first of them was 66 ms before that.
    stream.output.requestKeyframe();
    await stream.pushMany(5);
    assert.equal(stream.output.stats().idrs, 4);
    await stream.pushMany(1);
    assert.equal(stream.output.stats().idrs, 5);
  });

  test('keeps the newest frame while it is busy, and counts what it drops', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    const pushed = [0, 33, 66, 99].map((ms) => {
      stream.now = stream.start + ms;
      return stream.push();
    });
    await Promise.all(pushed);
    assert.deepEqual(stream.sent, [0, 3]);
    assert.equal(stream.output.stats().dropped, 2);
  });

  test('sends all frames that were held back and come together, at any speed', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    stream.now = stream.start + 99;
    await Promise.all([stream.push(), stream.push(), stream.push(), stream.push()]);
    assert.deepEqual(stream.sent, [0, 1, 2, 3]);
    assert.equal(stream.output.stats().dropped, 0);
  });

  test('encodes nothing before it has a target', async (t) => {
    const stream = new Stream(t);
    await stream.pushMany(2);
    assert.deepEqual(stream.sent, []);
    assert.equal(stream.output.stats().frames, 0);
  });

  test('goes on at a new target with an IDR frame, even when it moves during an encode', async (t) => {
    const [one, two] = [await Receiver.open(t), await Receiver.open(t)];
    const stream = new Stream(t);
    await stream.output.start(one.target, 0);
    await stream.pushMany(3);
    await Promise.all([stream.push(), stream.output.start(two.target, 500)]);
    await stream.pushMany(2);
    await two.until(() => two.marked.length >= 2);
    const [first] = two.rtp;
    assert.equal(first!.readUInt16BE(2), 500);
    assert.equal(first!.readUInt32BE(4), stream.ids[4]!.rtp);
    assert.equal(firstType(first!), TYPE_STAP_A, 'parameter sets');
  });

  test('of two targets at once the last one stays, whatever port they send from', async (t) => {
    const [one, two] = [await Receiver.open(t), await Receiver.open(t)];
    const sourcePort = await freeUdpPort();
    const stream = new Stream(t);
    await Promise.all([
      stream.output.start({ ...one.target, sourcePort }, 0),
      stream.output.start({ ...two.target, sourcePort }, 0),
    ]);
    await stream.pushMany(2);
    await two.until(() => two.marked.length >= 2);
    assert.equal(one.rtp.length, 0);
  });

  test('begins anew with an IDR frame when the picture changes its size', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    await stream.pushMany(2);
    await stream.push((step) => moving(step, 160, 120));
    await stream.push((step) => moving(step, 160, 120));
    assert.deepEqual(stream.sent, [0, 1, 2, 3]);
    assert.equal(stream.output.stats().idrs, 2);
    await receiver.until(() => receiver.marked.length >= 4);
    const third = receiver.rtp.find((packet) => packet.readUInt32BE(4) === stream.ids[2]!.rtp)!;
    assert.equal(firstType(third), TYPE_STAP_A);
  });

  test('goes between what the source has and its own encoder without a gap, beginning each with an IDR', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    await stream.push();
    const pending: Promise<void>[] = [];
    for (const ordinal of [0, 1, 2]) {
      const parts = [ordinal === 0 ? [0x67, 0x68, 0x65] : [0x61]].flat().map((header) => Buffer.of(header, ordinal, 0x80));
      pending.push(stream.forward({ codec: 'H264', units: [{ ordinal, parts, key: ordinal === 0 }] })!);
    }
    // They pass, however many wait.
    stream.now = stream.start + 1000;
    pending.push(stream.push());
    await Promise.all(pending);
    const { forwarded, encoded, encoder, dropped, idrs } = stream.output.stats();
    assert.deepEqual({ forwarded, encoded, encoder, dropped, idrs }, { forwarded: true, encoded: undefined, encoder: 'x264', dropped: 0, idrs: 3 });
    assert.equal(stream.forward({ obstacle: 'privacy' }), undefined);
    assert.deepEqual([stream.output.stats().forwarded, stream.output.stats().encoded], [false, 'privacy']);
    await receiver.until(() => receiver.marked.length >= 5);
    assert.deepEqual(receiver.marked.map((packet) => packet.readUInt32BE(4)), stream.ids.slice(0, 5).map(({ rtp }) => rtp));
    receiver.rtp.forEach((packet, i) => assert.equal(packet.readUInt16BE(2), i));
    const last = receiver.rtp.find((packet) => packet.readUInt32BE(4) === stream.ids[4]!.rtp)!;
    assert.equal(firstType(last), TYPE_STAP_A, 'parameter sets');
  });

  for (const { codec, codecId, coding, encoder } of [
    { codec: 'VP8', codecId: AV_CODEC_ID_VP8, coding: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8'], encoder: 'libvpx' },
    { codec: 'VP9', codecId: AV_CODEC_ID_VP9, coding: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], encoder: 'libvpx-vp9' },
    { codec: 'AV1', codecId: AV_CODEC_ID_AV1, coding: ['-c:v', 'libsvtav1', '-preset', '12'], encoder: 'svt-av1' },
  ] as const) {
    test(`of ${codec} goes between what the source has and its own encoder, and one decoder takes all of it`, async (t) => {
      const receiver = await Receiver.open(t);
      const stream = new Stream(t, { codec });
      await stream.output.start(receiver.target, 65_530);
      const { reader } = createReader({ codecId, extradata: null })!;
      const reads = (await codedClip(coding, { frames: 6 })).map((packet) => reader.read(packet));
      const forward = (ordinal: number): Promise<void> | undefined => {
        const read = reads[ordinal];
        assert.ok(read !== undefined && typeof read !== 'string');
        return stream.forward({ codec, units: [{ ordinal, ...read }] });
      };
      await stream.pushMany(2);
      assert.equal(stream.output.stats().encoder, encoder);
      for (const ordinal of [0, 1, 2]) await forward(ordinal);
      assert.deepEqual([stream.output.stats().forwarded, stream.output.stats().encoder], [true, undefined]);
      const { length } = stream.ids;
      assert.equal(stream.forward({ codec: 'H264', units: [{ ordinal: 3, parts: [Buffer.of(0x65)], key: true }] }), undefined);
      assert.equal(stream.output.stats().encoded, 'codec');
      stream.ids.length = length;
      await stream.pushMany(2);
      for (const ordinal of [3, 4, 5]) await forward(ordinal);

      await receiver.until(() => receiver.marked.length >= 10);
      const frames: AssembledFrame[] = [];
      const assembler = new FrameAssembler(codec, { frame: (frame) => frames.push(frame), needsKeyframe: () => assert.fail('nothing is missing') });
      for (const packet of receiver.rtp) assembler.push(readRtpPacket(packet)!, 0);
      assert.deepEqual(frames.map(({ timestamp }) => timestamp), stream.ids.map(({ rtp }) => rtp));
      assert.deepEqual(frames.flatMap(({ key }, i) => (key ? [i] : [])), [0, 2, 5, 7]);
      assert.equal(stream.output.stats().idrs, 4);
      const pictures = decode(frames.map(({ data, key }, i) => ({ ...stream.ids[i]!, id: stream.ids[i]!, codec, parts: codec === 'AV1' ? splitObus(data)! : [data], key })), codec);
      assert.deepEqual(pictures.map(({ width }) => width), [320, 320, 160, 160, 160, 320, 320, 160, 160, 160]);
    });
  }

  test('frames that can’t be encoded are refused, with a sentence', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: [] });
    await stream.output.start(receiver.target, 0);
    await assert.rejects(stream.push(), /No encoder of the chain works here/);
    const waiting = Promise.allSettled([stream.push(), stream.push()]);
    assert.deepEqual((await waiting).map(({ status }) => status), ['rejected', 'rejected']);
  });

  test('closes during an encode, twice, and takes no frame any more', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t);
    await stream.output.start(receiver.target, 0);
    const pushed = Promise.all([stream.push(), stream.push()]);
    await Promise.all([stream.output.close(), stream.output.close()]);
    await pushed;
    await stream.push();
    assert.deepEqual(stream.sent, [0]);
  });
});

describe('a preset that follows the encode times', () => {
  const QUIET = { cores: 4, idle: 4 };

  /** Frames every 33 ms of the output's clock, on which encoding takes as long as it is told to. */
  async function encodeAt(t: TestContext, stream: Stream, frames: number, ms: (preset: string) => number): Promise<void> {
    const encode = VideoEncoder.prototype.encode;
    const mock = t.mock.method(VideoEncoder.prototype, 'encode', async function (this: VideoEncoder, ...args: Parameters<typeof encode>) {
      const made = await encode.apply(this, args);
      stream.now += ms(this.preset!);
      return made;
    });
    for (let i = 0; i < frames; i++) {
      stream.now = stream.start + stream.ids.length * 33;
      await stream.push();
    }
    mock.mock.restore();
  }

  /** What has come: each packet after the other, each frame decodable, key frames as told. */
  function check(receiver: Receiver, stream: Stream, keys: readonly number[]): void {
    receiver.rtp.forEach((packet, i) => assert.equal(packet.readUInt16BE(2), i));
    const frames: AssembledFrame[] = [];
    const assembler = new FrameAssembler('H264', { frame: (frame) => frames.push(frame), needsKeyframe: () => assert.fail('nothing is missing') });
    for (const packet of receiver.rtp) assembler.push(readRtpPacket(packet)!, 0);
    assert.deepEqual(frames.map(({ timestamp }) => timestamp), stream.ids.map(({ rtp }) => rtp));
    assert.deepEqual(frames.flatMap(({ key }, i) => (key ? [i] : [])), keys);
    assert.equal(decode(frames.map(({ data, key }, i) => ({ ...stream.ids[i]!, id: stream.ids[i]!, codec: 'H264' as const, parts: [data.subarray(4)], key }))).length, frames.length);
  }

  test('is lowered before a frame is dropped, and receivers go on without a gap at an IDR frame of that very moment', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: ['x264'], presets: new PresetControl('auto', { headroom: () => QUIET }) });
    await stream.output.start(receiver.target, 0);
    await encodeAt(t, stream, 8, () => 2);
    assert.equal(stream.output.stats().preset, 'superfast');
    await encodeAt(t, stream, 12, (preset) => (preset === 'superfast' ? 28 : 12));
    const { preset, dropped, idrs, frames } = stream.output.stats();
    assert.deepEqual({ preset, dropped, idrs, frames }, { preset: 'ultrafast', dropped: 0, idrs: 2, frames: 20 });
    await receiver.until(() => receiver.marked.length >= 20);
    const lowered = stream.ids.findIndex(({ rtp }, i) => i > 0 && receiver.rtp.some((packet) => packet.readUInt32BE(4) === rtp && (packet[0]! & 0x10) !== 0 && firstType(packet) === TYPE_STAP_A));
    assert.ok(lowered > 8 && lowered < 14, `frame ${lowered}`);
    check(receiver, stream, [0, lowered]);
  });

  test('is lowered for a frame that had to be dropped', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: ['x264'], presets: new PresetControl('auto', { headroom: () => QUIET }) });
    await stream.output.start(receiver.target, 0);
    await encodeAt(t, stream, 2, () => 20);
    const pushed = [66, 99, 132].map((ms) => {
      stream.now = stream.start + ms;
      return stream.push();
    });
    await Promise.all(pushed);
    assert.equal(stream.output.stats().dropped, 1);
    assert.equal(stream.output.stats().preset, 'ultrafast');
  });

  test('is raised with an IDR frame that is due anyway', async (t) => {
    const receiver = await Receiver.open(t);
    const machine: { headroom: typeof QUIET | undefined } = { headroom: undefined };
    const stream = new Stream(t, { encoders: ['x264'], options: { idrIntervalMs: 1980 }, presets: new PresetControl('auto', { headroom: () => machine.headroom }, 0) });
    await stream.output.start(receiver.target, 0);
    await encodeAt(t, stream, 1, () => 2);
    assert.equal(stream.output.stats().preset, 'ultrafast');
    machine.headroom = QUIET;
    await encodeAt(t, stream, 140, () => 2);
    const { preset, dropped, idrs } = stream.output.stats();
    assert.deepEqual({ preset, dropped, idrs }, { preset: 'superfast', dropped: 0, idrs: 3 });
    await receiver.until(() => receiver.marked.length >= 141);
    check(receiver, stream, [0, 60, 120]);
  });

  test('stays as it is configured, whatever the encode times', async (t) => {
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: ['x264'], presets: new PresetControl('veryfast', { headroom: () => ({ cores: 4, idle: 0 }) }) });
    await stream.output.start(receiver.target, 0);
    await encodeAt(t, stream, 20, () => 100);
    assert.deepEqual([stream.output.stats().preset, stream.output.stats().idrs], ['veryfast', 1]);
  });
});

describe('an encoder that fails', () => {
  /** Lets a hardware encoder that is not there work, through x264, for some frames, and then fail as a lost device does. */
  function pretendHardware(t: TestContext, frames: number): void {
    const stands = new Map<VideoEncoder, VideoEncoder>();
    const encode = VideoEncoder.prototype.encode;
    t.mock.method(VideoEncoder.prototype, 'encode', async function (this: VideoEncoder, ...args: Parameters<typeof encode>) {
      if (this.name !== 'nvenc') return encode.apply(this, args);
      if (frames-- === 0) throw new Error('the device is lost');
      const standIn = stands.get(this) ?? new VideoEncoder('x264', this.shape, EncoderOptions.parse({}));
      stands.set(this, standIn);
      return encode.apply(standIn, args);
    });
    t.after(() => stands.forEach((standIn) => standIn.close()));
  }

  test('in its first frame is replaced by the next in the chain, and no frame is lost', async (t) => {
    pretendHardware(t, 0);
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: ['nvenc', 'x264'] });
    await stream.output.start(receiver.target, 0);
    await stream.pushMany(3);
    const { encoder, fallback, idrs, frames } = stream.output.stats();
    assert.deepEqual({ encoder, code: fallback?.code, idrs, frames }, { encoder: 'x264', code: 'encoder-fallback', idrs: 1, frames: 3 });
    assert.match(fallback!.message, /nvenc failed and was replaced by x264/);
    assert.deepEqual(stream.sent, [0, 1, 2]);
  });

  test('while running is replaced once, and the stream goes on with an IDR frame of the very frame that failed', async (t) => {
    pretendHardware(t, 3);
    const receiver = await Receiver.open(t);
    const stream = new Stream(t, { encoders: ['nvenc', 'x264'] });
    await stream.output.start(receiver.target, 0);
    await stream.pushMany(3);
    assert.equal(stream.output.stats().encoder, 'nvenc');
    assert.equal(stream.output.stats().fallback, undefined);
    await stream.pushMany(3);
    assert.equal(stream.output.stats().encoder, 'x264');
    assert.deepEqual(stream.sent, [0, 1, 2, 3, 4, 5]);
    assert.equal(stream.output.stats().idrs, 2);
    await receiver.until(() => receiver.marked.length >= 6);
    const fourth = receiver.rtp.find((packet) => packet.readUInt32BE(4) === stream.ids[3]!.rtp)!;
    assert.ok([TYPE_STAP_A, NAL_SPS, NAL_IDR].includes(firstType(fourth)));
  });
});
