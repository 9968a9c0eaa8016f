import { FF_ENCODER_LIBSVTAV1, FF_ENCODER_LIBVPX_VP8, FF_ENCODER_LIBVPX_VP9 } from 'node-av/constants';
import { splitObus } from '../rtp/obu.ts';
import type { VideoCodec } from '../media/video-codec.ts';
import type { EncoderSettings } from './encoder-settings.ts';
import type { ActiveEncoder, EncoderName } from './options.ts';

/** Encoders of what is not H.264: the one of its codec that needs no device. */
export const ENCODER_OF_CODEC = { VP8: 'libvpx', VP9: 'libvpx-vp9', AV1: 'svt-av1' } as const satisfies Record<Exclude<VideoCodec, 'H264'>, ActiveEncoder>;

/** The codec that an encoder makes. */
export function codecOf(encoder: ActiveEncoder): VideoCodec {
  const software = Object.entries(ENCODER_OF_CODEC).find(([, name]) => name === encoder);
  return software === undefined ? 'H264' : (software[0] as VideoCodec);
}

/** What they have in common. libav tells none of them about a new bitrate. */
const PLAIN = { devices: undefined, upload: undefined, device: undefined, oddSizes: true, longestGop: 2 ** 30, followsBitrate: false } as const;

/** Of a key frame: at most so many per cent of a frame's share of the bitrate; without a limit, that of VP9 takes half a second of it. */
const MAX_INTRA_RATE = 450;

/** No lookahead, no frame held back, none that is not shown, key frames only where asked, a fixed speed: what a frame costs does not follow from the load. */
export const SOFTWARE_ENCODERS: Readonly<Record<Exclude<ActiveEncoder, EncoderName>, EncoderSettings>> = {
  libvpx: {
    ...PLAIN,
    codec: FF_ENCODER_LIBVPX_VP8,
    constantRate: true,
    // They wait for each other without giving the core away: where others need it, a frame takes many times as long.
    oneThread: true,
    options: () => ({ deadline: 'realtime', 'cpu-used': '-8', 'lag-in-frames': '0', 'auto-alt-ref': '0', 'static-thresh': '1', 'max-intra-rate': `${MAX_INTRA_RATE}` }),
    split: (frame) => [frame],
  },
  'libvpx-vp9': {
    ...PLAIN,
    codec: FF_ENCODER_LIBVPX_VP9,
    constantRate: true,
    options: (_options, threads) => ({
      deadline: 'realtime',
      'cpu-used': '8',
      'lag-in-frames': '0',
      'auto-alt-ref': '0',
      'static-thresh': '1',
      'max-intra-rate': `${MAX_INTRA_RATE}`,
      'aq-mode': '3',
      'row-mt': threads > 1 ? '1' : '0',
      'tile-columns': String(Math.log2(threads)),
    }),
    split: (frame) => [frame],
  },
  'svt-av1': {
    ...PLAIN,
    codec: FF_ENCODER_LIBSVTAV1,
    wantsEnd: true,
    // Errors alone: it writes of each opening what it is set to.
    environment: { SVT_LOG: '1' },
    options: (_options, threads) => ({ preset: '12', 'svtav1-params': `rtc=1:pred-struct=1:lookahead=0:enable-overlays=0:scd=0:lp=${threads}` }),
    // What it makes is in order.
    split: (unit) => splitObus(unit) ?? [],
  },
};
