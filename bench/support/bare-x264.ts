import { Codec, CodecContext, FFmpegError, Packet, Rational } from 'node-av/lib';
import { AV_PICTURE_TYPE_NONE, AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX264 } from 'node-av/constants';
import type { X264Preset } from '../../src/pipeline/encode/options.ts';
import type { RawClip } from './raw-clip.ts';

/** A film in H.264 (Annex B), and the processor time that a frame took, in ms. */
export interface Coded {
  readonly film: Buffer;
  readonly cpuMs: number;
}

/** x264 as its preset is, told to hold a bitrate and to keep no frame back; constrained baseline, in one thread. */
export async function bareX264(clip: RawClip, preset: X264Preset, bitrate: number, idrSeconds: number): Promise<Coded> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264)!;
  const context = new CodecContext();
  context.allocContext3(codec);
  Object.assign(context, { width: clip.width, height: clip.height, pixelFormat: AV_PIX_FMT_YUV420P, gopSize: Math.round(clip.fps * idrSeconds), maxBFrames: 0, threadCount: 1 });
  Object.assign(context, { bitRate: BigInt(bitrate), rcMaxRate: BigInt(bitrate), rcBufferSize: Math.round(bitrate * 0.6) });
  context.timeBase = new Rational(1, 1000);
  context.framerate = new Rational(Math.round(clip.fps * 1000), 1000);
  for (const [name, value] of Object.entries({ preset, tune: 'zerolatency', profile: 'baseline', 'x264-params': 'scenecut=0' })) context.setOption(name, value);
  FFmpegError.throwIfError(await context.open2(codec), 'open2');
  const packet = new Packet();
  packet.alloc();
  const packets: Buffer[] = [];
  let cpuUs = 0;
  for (let index = 0; index < clip.frames; index++) {
    const picture = clip.picture(index);
    picture.frame.pts = BigInt(Math.round((index * 1000) / clip.fps));
    picture.frame.pictType = AV_PICTURE_TYPE_NONE;
    const before = process.cpuUsage();
    FFmpegError.throwIfError(await context.sendFrame(picture.frame), 'sendFrame');
    while (context.receivePacketSync(packet) === 0) {
      packets.push(Buffer.from(packet.data!));
      packet.unref();
    }
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    picture.release();
  }
  packet.free();
  context.freeContext();
  return { film: Buffer.concat(packets), cpuMs: cpuUs / 1000 / clip.frames };
}
