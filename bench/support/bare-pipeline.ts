/**
 * The least that the work can cost: decode, scale, encode as bare libav calls in one loop, paced like the stream process. argv: file,
 * milliseconds to run. Prints `{ frames, cpuUs }`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Decoder, Demuxer } from 'node-av/api';
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import { AV_LOG_FATAL, AV_PICTURE_TYPE_NONE, AV_PIX_FMT_RGB24, AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX264, SWS_ACCURATE_RND, SWS_FAST_BILINEAR, SWS_FULL_CHR_H_INT } from 'node-av/constants';
import { defaultBitrate, ENCODERS } from '../../src/pipeline/encode/encoders.ts';
import { EncoderOptions } from '../../src/pipeline/encode/options.ts';
import { packetsOf } from '../../src/pipeline/source/packets.ts';

Log.setLevel(AV_LOG_FATAL);
const [file = '', limit = '10000'] = process.argv.slice(2);
/** Pixels that the detector's input has for a picture of 16:9. */
const INPUT = { width: 448, height: 252 };

const encoder = new CodecContext();
const packet = new Packet();
packet.alloc();
let scaler: SoftwareScaleContext | undefined;
const small = new Frame();
small.alloc();
Object.assign(small, { format: AV_PIX_FMT_RGB24, ...INPUT });
small.getBuffer();

const started = performance.now();
const until = started + Number(limit);
let frames = 0;
let due = started;
while (performance.now() < until) {
  await using input = await Demuxer.open(file);
  const stream = input.video()!;
  using decoder = await Decoder.create(stream, { exitOnError: false, context: { threadCount: 1 } });
  const step = 1000 / (stream.avgFrameRate.num / stream.avgFrameRate.den);
  for await (const frame of decoder.frames(packetsOf(input.getFormatContext(), stream))) {
    if (frame === null) continue;
    if (!encoder.isOpen) await open(frame, 1000 / step);
    await scaler!.scaleFrame(small, frame);
    frame.pts = BigInt(frames);
    frame.pictType = AV_PICTURE_TYPE_NONE;
    FFmpegError.throwIfError(await encoder.sendFrame(frame), 'sendFrame');
    while (encoder.receivePacketSync(packet) === 0) packet.unref();
    frame.free();
    frames += 1;
    due = Math.max(due + step, performance.now() - 100);
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    if (performance.now() >= until) break;
  }
}
const { user, system } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ frames, cpuUs: user + system })}\n`);
process.exit(0);

async function open(frame: Frame, fps: number): Promise<void> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264)!;
  encoder.allocContext3(codec);
  const bitrate = BigInt(defaultBitrate(frame.width, frame.height, fps));
  Object.assign(encoder, { width: frame.width & ~1, height: frame.height & ~1, pixelFormat: AV_PIX_FMT_YUV420P, gopSize: 2 ** 30, maxBFrames: 0, threadCount: 1, bitRate: bitrate, rcMaxRate: bitrate, rcBufferSize: Number(bitrate) / 2 });
  encoder.timeBase = new Rational(1, Math.round(fps));
  encoder.framerate = new Rational(Math.round(fps), 1);
  for (const [name, value] of Object.entries(ENCODERS.x264.options(EncoderOptions.parse({}), 1))) encoder.setOption(name, value);
  FFmpegError.throwIfError(await encoder.open2(codec), 'open2');
  scaler = new SoftwareScaleContext();
  scaler.getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P, INPUT.width, INPUT.height, AV_PIX_FMT_RGB24, (SWS_FAST_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT) as typeof SWS_FAST_BILINEAR);
}
