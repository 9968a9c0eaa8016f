import { FF_ENCODER_H264_NVENC, FF_ENCODER_H264_QSV, FF_ENCODER_H264_VAAPI, FF_ENCODER_LIBX264 } from 'node-av/constants';
import { splitAnnexB } from '../rtp/annexb.ts';
import type { EncoderSettings } from './encoder-settings.ts';
import type { EncoderName, X264Preset } from './options.ts';

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

/** Low-latency settings of the H.264 encoders: no B-frames, no lookahead, no delayed frame, IDR frames only on request, parameter sets with each. */
export const H264_ENCODERS: Readonly<Record<EncoderName, EncoderSettings>> = {
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
