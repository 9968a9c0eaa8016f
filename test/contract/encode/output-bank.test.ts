import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { pino } from 'pino';
import { AudioTrack } from '../../../src/pipeline/audio/audio-track.ts';
import type { AnnotationMessage } from '../../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../../src/pipeline/compose/options.ts';
import { Overlay } from '../../../src/pipeline/compose/overlay.ts';
import { EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import type { RenditionSpec } from '../../../src/pipeline/media/info.ts';
import { OutputBank } from '../../../src/pipeline/output-bank.ts';
import { FrameAssembler, type AssembledFrame } from '../../../src/pipeline/rtp/frame-assembler.ts';
import { readRtpPacket } from '../../../src/pipeline/rtp/packet.ts';
import { decode, moving, Receiver } from './kit.ts';

const SIZE = { width: 322, height: 182 };
const START = 1_000_000;
const logger = pino({ level: 'silent' });

class Bank {
  readonly outputs: OutputBank;
  readonly rtps: number[] = [];
  readonly #numberer = new FrameNumberer();

  constructor(t: TestContext) {
    const overlay = new Overlay(OverlayOptions.parse({}), logger);
    const encoder = EncoderOptions.parse({ chain: ['x264'], preset: 'ultrafast' });
    const events = { onSent: () => undefined, onChanged: () => undefined };
    this.outputs = new OutputBank({ stream: 'test', overlay, audio: new AudioTrack(logger), encoder, fps: () => 30, logger, ...events });
    t.after(() => this.outputs.closeAll());
  }

  async open(id: number, rendition: RenditionSpec, { target }: Receiver): Promise<void> {
    await this.outputs.open(id, { of: 'video', rendition, sink: { type: 'rtp', target } }, 0);
  }

  async push(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const id = this.#numberer.number(START + this.rtps.length * 33);
      this.rtps.push(id.rtp);
      const picture = moving(id.seq, SIZE.width, SIZE.height);
      const message: AnnotationMessage = { stream: 'test', ...id, ...SIZE, detections: [], detectors: {} };
      await this.outputs.push(id, picture, message, { obstacle: 'codec' });
      picture.release();
    }
  }
}

/** The sizes and timestamps of the frames that came. */
async function seen(receiver: Receiver, count: number): Promise<{ sizes: (readonly [number, number])[]; rtps: number[] }> {
  await receiver.until(() => receiver.marked.length >= count);
  const frames: AssembledFrame[] = [];
  const assembler = new FrameAssembler('H264', { frame: (frame) => frames.push(frame), needsKeyframe: () => undefined });
  for (const packet of receiver.rtp) assembler.push(readRtpPacket(packet)!, 0);
  const id = { seq: 0, rtp: 0, capturedAt: 0 };
  const pictures = decode(frames.map(({ data, key }) => ({ ...id, id, codec: 'H264' as const, parts: [data.subarray(4)], key })));
  return { sizes: pictures.map(({ width, height }) => [width, height] as const), rtps: frames.map(({ timestamp }) => timestamp) };
}

describe('the outputs of a stream process', () => {
  it('are made in the sizes that are wanted, with the same timestamps', async (t) => {
    const receivers = [await Receiver.open(t), await Receiver.open(t), await Receiver.open(t)] as const;
    const bank = new Bank(t);
    await bank.open(1, { variant: 'annotated', codec: 'H264' }, receivers[0]);
    await bank.open(2, { variant: 'annotated', codec: 'H264', scale: 2 }, receivers[1]);
    await bank.open(3, { variant: 'clean', codec: 'H264', scale: 4 }, receivers[2]);
    await bank.push(4);
    const [whole, half, quarter] = await Promise.all(receivers.map((receiver) => seen(receiver, 4)));
    assert.deepEqual([whole!.sizes[3], half!.sizes[3], quarter!.sizes[3]], [[322, 182], [160, 90], [80, 44]]);
    for (const { rtps } of [whole!, half!, quarter!]) assert.deepEqual(rtps, bank.rtps);
    assert.deepEqual(bank.outputs.stats().renditions.map(({ scale = 1, frames }) => [scale, frames]), [[1, 4], [2, 4], [4, 4]]);
  });

  it('of one rendition are fed by one encoder, and a second one begins with a key frame', async (t) => {
    const [first, second] = [await Receiver.open(t), await Receiver.open(t)];
    const bank = new Bank(t);
    await bank.open(1, { variant: 'annotated', codec: 'H264' }, first);
    await bank.push(3);
    await bank.open(2, { variant: 'annotated', codec: 'H264' }, second);
    await bank.push(3);
    const [all, late] = [await seen(first, 6), await seen(second, 3)];
    assert.deepEqual(all.rtps, bank.rtps);
    assert.deepEqual(late.rtps, bank.rtps.slice(3));
    const { renditions, outputs } = bank.outputs.stats();
    assert.deepEqual(renditions.map(({ frames, idrs }) => [frames, idrs]), [[6, 2]]);
    assert.deepEqual(outputs.map(({ id, dropped }) => [id, dropped]), [[1, 0], [2, 0]]);
    await bank.outputs.close(1);
    await bank.push(1);
    assert.deepEqual((await seen(second, 4)).rtps, bank.rtps.slice(3));
    assert.equal(bank.outputs.active, true);
    await bank.outputs.close(2);
    assert.equal(bank.outputs.active, false);
  });

  it('that need pictures leave out a frame that has none', async (t) => {
    const receiver = await Receiver.open(t);
    const bank = new Bank(t);
    await bank.open(1, { variant: 'annotated', codec: 'H264' }, receiver);
    assert.equal(bank.outputs.needsPictures, true);
    const id = { seq: 0, rtp: 0, capturedAt: START };
    await bank.outputs.push(id, undefined, { stream: 'test', ...id, ...SIZE, detections: [], detectors: {} }, { obstacle: 'codec' });
    assert.equal(bank.outputs.stats().renditions[0]!.frames, 0);
    await bank.push(1);
    assert.equal(bank.outputs.stats().renditions[0]!.frames, 1);
  });
});
