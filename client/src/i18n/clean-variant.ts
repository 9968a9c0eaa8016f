import type { TranscodeReason } from '../../../src/pipeline/passthrough/transcode-reason.ts';
import type { VideoCodec } from '../../../src/pipeline/media/video-codec.ts';
import type { Language } from './format.ts';

/** As people write them. */
const CODEC_NAMES: Readonly<Record<VideoCodec, string>> = { H264: 'H.264', VP8: 'VP8', VP9: 'VP9', AV1: 'AV1' };

/** How the clean variant is made, and why it is encoded where it is. */
const TEXTS: Readonly<Record<Language, Readonly<Record<'forwarded' | TranscodeReason, string>>>> = {
  en: {
    forwarded: 'as the source sends it',
    codec: 'encoded: the source has another codec',
    profile: 'encoded: browsers don’t take the source’s profile',
    'b-frames': 'encoded: the source has B-frames',
    interlaced: 'encoded: the source may be interlaced',
    reshaped: 'encoded: the picture is turned or scaled',
    timestamps: 'encoded: the source’s timestamps are ambiguous',
    damaged: 'encoded: packets of the source were lost',
    'long-gop': 'encoded: the source’s key frames are too far apart',
    'awaiting-keyframe': 'encoded until the source’s next key frame',
    'hidden-frames': 'encoded: the source has frames that are not shown',
    privacy: 'encoded: something has to be hidden',
    slate: 'encoded: the source has no picture',
    setting: 'encoded, as it is set',
  },
  'zh-CN': {
    forwarded: '原样转发',
    codec: '重新编码：源使用其他编码格式',
    profile: '重新编码：浏览器不支持源的编码规格',
    'b-frames': '重新编码：源含有 B 帧',
    interlaced: '重新编码：源可能是隔行扫描',
    reshaped: '重新编码：画面经过旋转或缩放',
    timestamps: '重新编码：源的时间戳不明确',
    damaged: '重新编码：源的数据包有丢失',
    'long-gop': '重新编码：源的关键帧间隔过长',
    'awaiting-keyframe': '重新编码，直到源的下一个关键帧',
    'hidden-frames': '重新编码：源含有不显示的帧',
    privacy: '重新编码：有内容需要遮挡',
    slate: '重新编码：源没有画面',
    setting: '重新编码：按设置',
  },
};

/** What is known of the clean variant. */
export interface CleanVariant {
  readonly forwarded: boolean;
  readonly encoded?: TranscodeReason | undefined;
  readonly codec?: VideoCodec | undefined;
}

/** @returns undefined where it is not known how it is made */
export function cleanVariantText(language: Language, { forwarded, encoded, codec }: CleanVariant): string | undefined {
  const how = forwarded ? 'forwarded' : encoded;
  if (how === undefined) return undefined;
  const text = TEXTS[language][how];
  return codec === undefined ? text : `${CODEC_NAMES[codec]} · ${text}`;
}
