import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { Codec, CodecContext, FFmpegError, Frame, Log, Packet } from 'node-av/lib';
import { AV_LOG_FATAL, FF_DECODER_H264, FF_DECODER_LIBDAV1D, FF_DECODER_VP8, FF_DECODER_VP9 } from 'node-av/constants';
import type { EncodedFrame } from '../../../src/pipeline/encode/encoder.ts';
import type { Picture } from '../../../src/pipeline/picture.ts';
import { sizedObu } from '../../../src/pipeline/rtp/obu.ts';
import type { RtpTarget } from '../../../src/pipeline/rtp/target.ts';
import type { VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import { makePicture } from '../../support/pictures.ts';

Log.setLevel(AV_LOG_FATAL);

/** A pattern that moves, so that each frame differs. */
export function moving(step: number, width = 320, height = 180, range: Picture['range'] = 'limited'): Picture {
  return makePicture(width, height, (x, y) => 40 + ((x * 3 + y * 2 + step * 5) % 160), range);
}

/** Noise: costs as many bits as there are. */
export function noise(step: number, width = 320, height = 180): Picture {
  return makePicture(width, height, (x, y) => ((x * 7919 + y * 104_729 + step * 31_337) * 2_654_435_761) >>> 24);
}

export interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly colorRange: number;
  readonly colorSpace: number;
  /** Row by row, without padding. */
  readonly luma: Buffer;
}

const DECODERS = { VP8: FF_DECODER_VP8, VP9: FF_DECODER_VP9, H264: FF_DECODER_H264, AV1: FF_DECODER_LIBDAV1D } as const;

/** A frame as decoders take it. */
const JOINED: Record<VideoCodec, (parts: readonly Buffer[]) => Buffer> = {
  VP8: (parts) => Buffer.concat(parts),
  VP9: (parts) => Buffer.concat(parts),
  H264: (nals) => Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal])),
  AV1: (obus) => Buffer.concat(obus.map(sizedObu)),
};

/** What a standard decoder makes of it. */
export function decode(frames: readonly EncodedFrame[], codec: VideoCodec = 'H264'): Decoded[] {
  const context = new CodecContext();
  context.allocContext3(Codec.findDecoderByName(DECODERS[codec])!);
  FFmpegError.throwIfError(context.open2Sync(), 'open');
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const pictures: Decoded[] = [];
  const drain = (): void => {
    while (context.receiveFrameSync(frame) === 0) {
      const { width, height, colorRange, colorSpace } = frame;
      pictures.push({ width, height, colorRange, colorSpace, luma: rows(frame.data![0]!, frame.linesize[0]!, width, height) });
      frame.unref();
    }
  };
  for (const { parts } of frames) {
    packet.data = JOINED[codec](parts);
    FFmpegError.throwIfError(context.sendPacketSync(packet), 'sendPacket');
    drain();
  }
  context.sendPacketSync(null);
  drain();
  frame.free();
  packet.free();
  context.freeContext();
  return pictures;
}

/** Peak signal-to-noise ratio of a decoded picture's luma, in dB. */
export function psnr(decoded: Decoded, original: Picture): number {
  const expected = rows(original.planes[0], original.strides[0], decoded.width, decoded.height);
  const error = decoded.luma.reduce((sum, value, i) => sum + (value - expected[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (error / expected.length));
}

function rows(plane: Buffer, stride: number, width: number, height: number): Buffer {
  return Buffer.concat(Array.from({ length: height }, (_, y) => plane.subarray(y * stride, y * stride + width)));
}

export function bytesOf(frames: readonly EncodedFrame[]): number {
  return frames.reduce((sum, { parts }) => sum + parts.reduce((n, part) => n + part.length, 0), 0);
}

export const SSRC = 0x1234_5678;
export const PAYLOAD_TYPE = 102;

/** Stands where the SFU would: hears RTP, speaks RTCP. */
export class Receiver {
  readonly socket: Socket;
  readonly packets: Buffer[] = [];
  #senderPort = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (packet, { port }) => {
      this.packets.push(packet);
      this.#senderPort = port;
    });
  }

  static async open(t: TestContext): Promise<Receiver> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    t.after(() => socket.close());
    return new Receiver(socket);
  }

  get target(): RtpTarget {
    return { host: '127.0.0.1', port: this.socket.address().port, ssrc: SSRC, payloadType: PAYLOAD_TYPE, extensions: { absCaptureTime: 10, playoutDelay: 11 } };
  }

  get rtp(): Buffer[] {
    return this.packets.filter((packet) => (packet[1]! & 0x7f) === PAYLOAD_TYPE);
  }

  /** The last packets of the frames that have arrived. */
  get marked(): Buffer[] {
    return this.rtp.filter((packet) => (packet[1]! & 0x80) !== 0);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.socket, 'message');
  }

  /** Answers to where the last packet came from. */
  reply(packet: Buffer): void {
    this.socket.send(packet, this.#senderPort, '127.0.0.1');
  }
}

/** RFC 4585 §6.3.1 */
export function pli(ssrc = SSRC): Buffer {
  const packet = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** RFC 4585 §6.2.1, of one packet. */
export function nack(sequence: number, ssrc = SSRC): Buffer {
  const packet = Buffer.from([0x81, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(sequence, 12);
  return packet;
}
