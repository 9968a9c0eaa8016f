/**
 * The least that the work can cost: decode, scale, copy, encode as bare libav calls in one loop, paced like the stream process. The
 * pictures that it encodes show the boxes of given messages. argv: file, JSON file of annotation
 * messages, one a frame of the file, preset of x264. Forked: answers each message with a {@link BareProgress}.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Decoder, Demuxer } from 'node-av/api';
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import {
  AV_LOG_FATAL,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_GBRP,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
  SWS_ACCURATE_RND,
  SWS_FAST_BILINEAR,
  SWS_FULL_CHR_H_INT,
} from 'node-av/constants';
import type { AnnotationMessage } from '../../src/pipeline/annotation.ts';
import { OverlayOptions } from '../../src/pipeline/compose/options.ts';
import { Overlay } from '../../src/pipeline/compose/overlay.ts';
import { VBV_SECONDS } from '../../src/pipeline/encode/encoder.ts';
import { defaultBitrate, ENCODERS, threadsFor } from '../../src/pipeline/encode/encoders.ts';
import { EncoderOptions, X264Preset } from '../../src/pipeline/encode/options.ts';
import { newPicture } from '../../src/pipeline/libav-picture.ts';
import type { Picture } from '../../src/pipeline/picture.ts';
import { packetsOf } from '../../src/pipeline/source/packets.ts';

export interface BareProgress {
  /** Encoded so far. */
  readonly frames: number;
  /** Milliseconds that the main thread has spent drawing so far. */
  readonly drawMs: number;
}

Log.setLevel(AV_LOG_FATAL);
const [file = '', messagesFile = '', preset] = process.argv.slice(2);
const messages = JSON.parse(readFileSync(messagesFile, 'utf8')) as AnnotationMessage[];
const options = EncoderOptions.parse({ preset });
/** Pixels that the detector's input has for a picture of 16:9. */
const INPUT = { width: 448, height: 252 };

const overlay = new Overlay(OverlayOptions.parse({}), pino({ level: 'silent' }));
const encoder = new CodecContext();
const packet = new Packet();
packet.alloc();
let scaler: SoftwareScaleContext | undefined;
let picture: Picture | undefined;
const small = new Frame();
small.alloc();
Object.assign(small, { format: AV_PIX_FMT_GBRP, ...INPUT });
small.getBuffer();

let frames = 0;
let drawUs = 0;
process.on('message', () => process.send?.({ frames, drawMs: drawUs / 1000 } satisfies BareProgress));
process.on('disconnect', () => process.exit(0));

let due = performance.now();
for (;;) {
  await using input = await Demuxer.open(file);
  const stream = input.video()!;
  using decoder = await Decoder.create(stream, { exitOnError: false, context: { threadCount: 1 } });
  const step = 1000 / (stream.avgFrameRate.num / stream.avgFrameRate.den);
  for await (const frame of decoder.frames(packetsOf(input.getFormatContext(), stream))) {
    if (frame === null) continue;
    if (!encoder.isOpen) await open(frame, 1000 / step);
    await scaler!.scaleFrame(small, frame);
    // The decoder predicts later frames from its own.
    FFmpegError.throwIfError(picture!.frame.copy(frame), 'copy');
    frame.free();
    draw(picture!, messages[frames % messages.length]!);
    picture!.frame.pts = BigInt(frames);
    picture!.frame.pictType = frames % Math.round(options.idrIntervalMs / step) === 0 ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    FFmpegError.throwIfError(await encoder.sendFrame(picture!.frame), 'sendFrame');
    while (encoder.receivePacketSync(packet) === 0) packet.unref();
    frames += 1;
    due = Math.max(due + step, performance.now() - 100);
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
  }
}

function draw(onto: Picture, message: AnnotationMessage): void {
  const before = process.threadCpuUsage();
  overlay.draw(onto, message);
  const { user, system } = process.threadCpuUsage(before);
  drawUs += user + system;
}

async function open(frame: Frame, fps: number): Promise<void> {
  const { width, height } = frame;
  await overlay.prepare([...new Set(messages.flatMap(({ detections }) => detections.map(({ label }) => label)))], height);
  picture = newPicture(width, height);
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264)!;
  encoder.allocContext3(codec);
  const bitrate = defaultBitrate(width, height, fps);
  const threadCount = threadsFor(width * height);
  Object.assign(encoder, {
    width: width & ~1,
    height: height & ~1,
    pixelFormat: AV_PIX_FMT_YUV420P,
    gopSize: 2 ** 30,
    maxBFrames: 0,
    threadCount,
    bitRate: BigInt(bitrate),
    rcMaxRate: BigInt(bitrate),
    rcBufferSize: Math.round(bitrate * VBV_SECONDS),
  });
  encoder.timeBase = new Rational(1, Math.round(fps));
  encoder.framerate = new Rational(Math.round(fps), 1);
  for (const [name, value] of Object.entries(ENCODERS.x264.options(options, threadCount, X264Preset.parse(preset)))) encoder.setOption(name, value);
  FFmpegError.throwIfError(await encoder.open2(codec), 'open2');
  scaler = new SoftwareScaleContext();
  scaler.getContext(width, height, AV_PIX_FMT_YUV420P, INPUT.width, INPUT.height, AV_PIX_FMT_GBRP, (SWS_FAST_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT) as typeof SWS_FAST_BILINEAR);
}
