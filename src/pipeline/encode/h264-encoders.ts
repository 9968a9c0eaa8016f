import { FF_ENCODER_H264_NVENC, FF_ENCODER_H264_QSV, FF_ENCODER_H264_VAAPI, FF_ENCODER_LIBX264 } from 'node-av/constants';
import { splitAnnexB } from '../rtp/annexb.ts';
import type { EncoderSettings } from './encoder-settings.ts';
import type { EncoderName } from './options.ts';

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
    options: () => ({
      preset: 'p3',
      tune: 'ull',
      profile: 'baseline',
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
    options: () => ({ preset: 'veryfast', profile: 'baseline', async_depth: '1', low_delay_brc: '1', forced_idr: '1', look_ahead: '0' }),
  },
  vaapi: {
    codec: FF_ENCODER_H264_VAAPI,
    devices: RENDER_NODE,
    upload: 'format=nv12,hwupload',
    device: 'vaapi',
    longestGop: 2 ** 30,
    followsBitrate: false,
    split: splitAnnexB,
    options: () => ({ profile: 'constrained_baseline', rc_mode: 'CBR', async_depth: '1', idr_interval: '0' }),
  },
  x264: {
    codec: FF_ENCODER_LIBX264,
    devices: undefined,
    upload: undefined,
    device: undefined,
    longestGop: 2 ** 30,
    followsBitrate: true,
    split: splitAnnexB,
    options: ({ preset }) => ({ preset, tune: 'zerolatency', profile: 'baseline', 'forced-idr': '1', 'x264-params': 'repeat-headers=1:scenecut=0' }),
  },
};
