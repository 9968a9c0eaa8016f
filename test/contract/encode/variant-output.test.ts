import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { Codec, CodecContext, FFmpegError, Frame, Packet } from 'node-av/lib';
import { AV_CODEC_ID_H264 } from 'node-av/constants';
import { pino } from 'pino';
import { EncoderOptions } from '../../../src/pipeline/encode/options.ts';
import { VideoEncoder, type EncodedFrame } from '../../../src/pipeline/encode/encoder.ts';
import { VariantOutput } from '../../../src/pipeline/encode/variant-output.ts';
import { FrameNumberer } from '../../../src/pipeline/frame.ts';
import { NAL_IDR, NAL_PPS, NAL_SPS, nalType } from '../../../src/pipeline/rtp/annexb.ts';
import { makePicture } from '../../support/pictures.ts';

const logger = pino({ level: 'silent' });
const SHAPE = { width: 320, height: 180, range: 'limited', fps: 30, bitrate: 800_000 } as const;

/** A pattern that moves, so that each frame differs. */
function moving(step: number): ReturnType<typeof makePicture> {
  return makePicture(SHAPE.width, SHAPE.height, (x, y) => 40 + ((x * 3 + y * 2 + step * 5) % 160));
}

async function encode(encoder: VideoEncoder, frames: number, idrs: readonly number[] = [0]): Promise<EncodedFrame[]> {
  const numberer = new FrameNumberer();
  const made: EncodedFrame[] = [];
  for (let i = 0; i < frames; i++) {
    const picture = moving(i);
    made.push(...(await encoder.encode(picture.frame, numberer.number(i * 33), idrs.includes(i))));
    picture.release();
  }
  return made;
}

function decodeLuma(frames: readonly EncodedFrame[]): Buffer[] {
  const context = new CodecContext();
  context.allocContext3(Codec.findDecoder(AV_CODEC_ID_H264)!);
  FFmpegError.throwIfError(context.open2Sync(), 'open');
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const pictures: Buffer[] = [];
  const drain = (): void => {
    while (context.receiveFrameSync(frame) === 0) {
      const stride = frame.linesize[0]!;
      const plane = frame.data![0]!;
      pictures.push(Buffer.concat(Array.from({ length: frame.height }, (_, y) => plane.subarray(y * stride, y * stride + frame.width))));
      frame.unref();
    }
  };
  for (const { nals } of frames) {
    packet.data = Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]));
    FFmpegError.throwIfError(context.sendPacketSync(packet), 'sendPacket');
    drain();
  }
  context.sendPacketSync(null);
  drain();
  return pictures;
}

describe('an encoder', () => {
  test('gives each frame at once, decodable and close to what went in', async () => {
    const encoder = new VideoEncoder('x264', SHAPE, EncoderOptions.parse({}));
    const made = await encode(encoder, 20);
    encoder.close();
    assert.deepEqual(made.map(({ id }) => id.seq), Array.from({ length: 20 }, (_, i) => i));
    const decoded = decodeLuma(made);
    assert.equal(decoded.length, 20);
    decoded.forEach((plane, step) => {
      const picture = moving(step);
      let error = 0;
      for (let y = 0; y < SHAPE.height; y++)
        for (let x = 0; x < SHAPE.width; x++) error += (plane[y * SHAPE.width + x]! - picture.planes[0][y * picture.strides[0] + x]!) ** 2;
      picture.release();
      const psnr = 10 * Math.log10(255 ** 2 / (error / (SHAPE.width * SHAPE.height)));
      assert.ok(psnr > 25, `frame ${step}: ${psnr} dB`);
    });
  });

  test('makes an IDR frame where it is asked for and nowhere else, with parameter sets', async () => {
    const encoder = new VideoEncoder('x264', SHAPE, EncoderOptions.parse({}));
    const made = await encode(encoder, 30, [0, 7, 20]);
    encoder.close();
    assert.deepEqual(made.flatMap(({ idr, id }) => (idr ? [id.seq] : [])), [0, 7, 20]);
    for (const { idr, nals } of made) {
      const types = nals.map(nalType);
      assert.equal(types.includes(NAL_IDR), idr);
      if (idr) assert.ok(types.includes(NAL_SPS) && types.includes(NAL_PPS));
    }
  });

  test('is constrained baseline', async () => {
    const encoder = new VideoEncoder('x264', SHAPE, EncoderOptions.parse({}));
    const [first] = await encode(encoder, 1);
    encoder.close();
    const sps = first!.nals.find((nal) => nalType(nal) === NAL_SPS)!;
    assert.equal(sps[1], 66);
    assert.ok((sps[2]! & 0x40) !== 0, 'constraint_set1_flag');
  });

  test('follows a change of bitrate without an IDR frame', async () => {
    const encoder = new VideoEncoder('x264', { ...SHAPE, bitrate: 3_000_000 }, EncoderOptions.parse({}));
    const size = (frames: readonly EncodedFrame[]): number => frames.reduce((sum, { nals }) => sum + nals.reduce((n, nal) => n + nal.length, 0), 0);
    const noise = (i: number): ReturnType<typeof makePicture> => makePicture(SHAPE.width, SHAPE.height, (x, y) => ((x * 7919 + y * 104_729 + i * 31_337) * 2_654_435_761) >>> 24);
    const numberer = new FrameNumberer();
    const run = async (from: number, to: number): Promise<EncodedFrame[]> => {
      const made: EncodedFrame[] = [];
      for (let i = from; i < to; i++) {
        const picture = noise(i);
        made.push(...(await encoder.encode(picture.frame, numberer.number(i * 33), i === 0)));
        picture.release();
      }
      return made;
    };
    await run(0, 30);
    const before = await run(30, 90);
    encoder.setBitrate(500_000);
    await run(90, 120);
    const after = await run(120, 180);
    encoder.close();
    assert.ok(size(after) < size(before) / 2, `${size(before)} → ${size(after)} bytes`);
    assert.ok(after.every(({ idr }) => !idr));
  });

  test('takes odd sizes', async () => {
    const encoder = new VideoEncoder('x264', { ...SHAPE, width: 161, height: 121 }, EncoderOptions.parse({}));
    const picture = makePicture(161, 121);
    const made = await encoder.encode(picture.frame, new FrameNumberer().number(1), true);
    assert.deepEqual([picture.frame.width, picture.frame.height], [161, 121]);
    encoder.close();
    picture.release();
    assert.equal(made.length, 1);
  });
});

/** Stands where the SFU would: hears RTP, speaks RTCP. */
async function receiver(t: TestContext): Promise<{ socket: Socket; port: number; packets: Buffer[] }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  const packets: Buffer[] = [];
  socket.on('message', (packet) => packets.push(packet));
  return { socket, port: socket.address().port, packets };
}

describe('the output of a variant', () => {
  const SSRC = 0x1234_5678;

  async function output(t: TestContext, port: number, sent: number[]): Promise<VariantOutput> {
    const variant = new VariantOutput({
      stream: 'test',
      variant: 'annotated',
      options: EncoderOptions.parse({ chain: ['x264'] }),
      fps: () => 30,
      logger,
      onSent: ({ seq }) => sent.push(seq),
    });
    t.after(() => variant.close());
    await variant.start({ host: '127.0.0.1', port, ssrc: SSRC, payloadType: 102, extensions: { absCaptureTime: 10, playoutDelay: 11 } }, 65_530);
    return variant;
  }

  test('sends RTP with the frame’s timestamp, a marker on its last packet and one SSRC', async (t) => {
    const { port, packets, socket } = await receiver(t);
    const sent: number[] = [];
    const variant = await output(t, port, sent);
    const numberer = new FrameNumberer();
    const ids = [];
    for (let i = 0; i < 5; i++) {
      const picture = moving(i);
      const id = numberer.number(Date.now() + i * 33);
      ids.push(id);
      await variant.push(id, picture.frame, picture.range);
      picture.release();
    }
    const rtp = (): Buffer[] => packets.filter((packet) => (packet[1]! & 0x7f) === 102);
    const marked = (): Buffer[] => rtp().filter((packet) => (packet[1]! & 0x80) !== 0);
    while (marked().length < 5) await once(socket, 'message');
    assert.deepEqual(sent, [0, 1, 2, 3, 4]);
    assert.deepEqual(marked().map((packet) => packet.readUInt32BE(4)), ids.map(({ rtp }) => rtp));
    assert.ok(rtp().every((packet) => packet.readUInt32BE(8) === SSRC && packet.length <= 1240));
    rtp().forEach((packet, i) => assert.equal(packet.readUInt16BE(2), (65_530 + i) & 0xffff));
    assert.ok(packets.some((packet) => packet[1] === 200), 'a sender report');
  });

  test('answers any number of requests for a key frame with one IDR frame, and a NACK with the packet', async (t) => {
    const { port, packets, socket } = await receiver(t);
    const variant = await output(t, port, []);
    const numberer = new FrameNumberer();
    const start = Date.now();
    const push = async (i: number): Promise<void> => {
      const picture = moving(i);
      await variant.push(numberer.number(start + i * 33), picture.frame, picture.range);
      picture.release();
    };
    for (let i = 0; i < 10; i++) await push(i);
    while (!packets.some((packet) => packet[1] === 200)) await once(socket, 'message');
    // The frames' own clock is 330 ms on: the requests are due at once, and all of them together once.
    const pli = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]);
    pli.writeUInt32BE(SSRC, 8);
    const { idrs } = variant.stats();
    const from = packets.length;
    const first = packets.find((packet) => (packet[1]! & 0x7f) === 102)!;
    const nack = Buffer.alloc(16);
    nack.set([0x81, 205, 0, 3]);
    nack.writeUInt32BE(SSRC, 8);
    nack.writeUInt16BE(first.readUInt16BE(2), 12);
    const { port: senderPort } = await new Promise<{ port: number }>((resolve) => {
      socket.once('message', (_packet, remote) => resolve(remote));
      void push(10);
    });
    for (let i = 0; i < 20; i++) socket.send(pli, senderPort, '127.0.0.1');
    socket.send(nack, senderPort, '127.0.0.1');
    while (!packets.slice(from).some((packet) => packet.equals(first))) await once(socket, 'message');
    for (let i = 11; i < 40; i++) await push(i);
    assert.equal(variant.stats().idrs, idrs + 1);
  });
});
