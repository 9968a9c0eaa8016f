import type { FFEncoderCodec } from 'node-av/constants';
import { FF_ENCODER_H264_NVENC, FF_ENCODER_H264_QSV, FF_ENCODER_H264_VAAPI, FF_ENCODER_LIBX264 } from 'node-av/constants';
import { splitAnnexB } from '../rtp/annexb.ts';
import type { ActiveEncoder, EncoderName, EncoderOptions, X264Preset } from './options.ts';
import { SOFTWARE } from './software-settings.ts';

/** How one encoder is told to be quick. */
export interface EncoderSettings {
  readonly codec: FFEncoderCodec;
  /** Device files of which one must exist for a try to make sense on Linux; none are needed in software. */
  readonly devices: RegExp | undefined;
  /** Filters that bring planar 4:2:0 into the encoder's own memory and layout; undefined where it takes it as it is. */
  readonly upload: string | undefined;
  /** libav device type for `hwupload`. */
  readonly device: 'vaapi' | undefined;
  /** Frames to the next IDR frame that nobody asked for: as many as the encoder can count. */
  readonly longestGop: number;
  /** Whether libav hands a change of bitrate on to the running encoder; where not, it is opened again. */
  readonly followsBitrate: boolean;
  /** Private options of the libav encoder. */
  readonly options: (options: EncoderOptions, threads: number, preset: X264Preset) => Record<string, string>;
  /** It takes a constant bitrate from limits that are the same. */
  readonly constantRate?: boolean;
  /** It takes pictures of an odd width or height. */
  readonly oddSizes?: boolean;
  /** Its threads cost more than they bring. */
  readonly oneThread?: boolean;
  /** It complains where it is closed without having been told that no frame comes any more. */
  readonly wantsEnd?: boolean;
  /** What its library reads from the environment, where nobody has set it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What a packet of it is made of, as the packetizer of its codec takes it. */
  readonly split: (packet: Buffer) => Buffer[];
}

/**
 * Rate factors of x264: it spends what a picture needs for this quality, up to the bitrate. One number gives less quality, for still
 * fewer bits, with better motion search, which these make good for.
 */
const X264_QUALITY: Readonly<Record<X264Preset, number>> = { ultrafast: 26, superfast: 26, veryfast: 25 };

/**
 * Bits go where the eye looks for detail, and edges of blocks are smoothed, which x264's fastest preset leaves out: without the two,
 * its blotches are the first thing that people see.
 */
const X264_DETAIL = 'aq-mode=2:deblock=0,0';

const RENDER_NODE = /^\/dev\/dri\/renderD\d+$/;

/** Of H.264: no B-frames, no lookahead, no frame held back, IDR only where asked, parameter sets with each. */
const H264: Record<EncoderName, EncoderSettings> = {
  nvenc: {
    codec: FF_ENCODER_H264_NVENC,
    devices: /^\/dev\/(nvidia\d+|dxg)$/,
    upload: undefined,
    device: undefined,
    longestGop: 2 ** 30,
    followsBitrate: true,
    split: splitAnnexB,
    options: ({ profile }) => ({
      preset: 'p3',
      tune: 'ull',
      profile,
      rc: 'cbr',
      delay: '0',
      zerolatency: '1',
      'forced-idr': '1',
      'rc-lookahead': '0',
      bf: '0',
    }),
  },
  qsv: {
    codec: FF_ENCODER_H264_QSV,
    devices: RENDER_NODE,
    upload: 'format=nv12',
    device: undefined,
    // Intel's own field for it has 16 bits, and takes this value for "never".
    longestGop: 65_535,
    followsBitrate: true,
    split: splitAnnexB,
    options: ({ profile }) => ({ preset: 'veryfast', profile, async_depth: '1', low_delay_brc: '1', forced_idr: '1', look_ahead: '0' }),
  },
  vaapi: {
    codec: FF_ENCODER_H264_VAAPI,
    devices: RENDER_NODE,
    upload: 'format=nv12,hwupload',
    device: 'vaapi',
    longestGop: 2 ** 30,
    followsBitrate: false,
    split: splitAnnexB,
    options: ({ profile }) => ({ profile: profile === 'baseline' ? 'constrained_baseline' : profile, rc_mode: 'CBR', async_depth: '1', idr_interval: '0' }),
  },
  x264: {
    codec: FF_ENCODER_LIBX264,
    devices: undefined,
    upload: undefined,
    device: undefined,
    longestGop: 2 ** 30,
    followsBitrate: true,
    split: splitAnnexB,
    options: ({ profile }, _threads, preset) => ({
      preset,
      tune: 'zerolatency',
      profile,
      crf: String(X264_QUALITY[preset]),
      'forced-idr': '1',
      'x264-params': `repeat-headers=1:scenecut=0:${X264_DETAIL}`,
    }),
  },
};

/** Low-latency settings. */
export const ENCODERS: Readonly<Record<ActiveEncoder, EncoderSettings>> = { ...H264, ...SOFTWARE };

/** Above this many pixels (720p), a frame is cut in two (slices, tiles) that are encoded at the same time. */
const ONE_THREAD_PIXELS = 1280 * 720;

/** Threads that share a frame of so many pixels. */
export function threadsFor(pixels: number): number {
  return pixels > ONE_THREAD_PIXELS ? 2 : 1;
}

/** Bits a pixel that keep labels and thin lines readable at the encoders' fastest settings. */
const BITS_PER_PIXEL = 0.1;

/**
 * The bitrate for a size and rate where none is set: 2.8 Mbit/s for 720p30, 6.2 Mbit/s for 1080p30.
 * @returns bits a second
 */
export function defaultBitrate(width: number, height: number, fps: number): number {
  return Math.round(Math.min(20_000_000, Math.max(300_000, width * height * Math.min(fps, 60) * BITS_PER_PIXEL)));
}
