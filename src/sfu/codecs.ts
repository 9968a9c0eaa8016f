import type { RouterRtpCodecCapability, RtpCapabilities, RtpParameters } from 'mediasoup/types';
import { VIDEO_CODECS, type VideoCodec } from '../pipeline/media/video-codec.ts';

/** The header extension that carries the capture time of a frame through the SFU. */
export const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
/** The header extension with which a sender bounds the receiver's jitter buffer. */
export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** Of everything that streams send. */
const CNAME = 'framelock';

/** Constrained baseline, level 3.1: what every WebRTC endpoint with H.264 decodes (RFC 7742 §6.2). */
export const H264_PARAMETERS = {
  'profile-level-id': '42e01f',
  'packetization-mode': 1,
  'level-asymmetry-allowed': 1,
} as const;

/** Under which payload types a stream leaves a router. */
export interface PayloadTypes {
  readonly codec: VideoCodec;
  /** Of the video itself. */
  readonly media: number;
  /** RFC 4588 retransmissions; left out where the receiver has none, or none that can be matched. */
  readonly rtx?: number | undefined;
  /** Left out where the receiver takes no sound. */
  readonly opus?: number | undefined;
}

/**
 * The payload types of a worker's base router: those of Chromium's constrained baseline and Opus, so that the commonest WHEP offers
 * need no second router.
 */
export const BASE_PAYLOAD_TYPES = { codec: 'H264', media: 108, rtx: 109, opus: 111 } as const satisfies PayloadTypes;

/** In which order mediasoup gives out payload types (`DynamicPayloadTypes` in its `ortc.js`). */
const DYNAMIC = [...range(100, 127), ...range(96, 99)];

/**
 * The codecs of a worker's base router: everything that a stream may one day be made of. Each video codec takes two payload types from
 * 100 on, its own and that of its retransmissions, which puts constrained baseline at {@link BASE_PAYLOAD_TYPES}. Opus, which names its
 * own, stands first so that no other takes that.
 */
export function baseCodecs(): RouterRtpCodecCapability[] {
  return [
    opus(BASE_PAYLOAD_TYPES.opus),
    video('H264', { ...H264_PARAMETERS, 'profile-level-id': '4d0032' }),
    video('H264', { ...H264_PARAMETERS, 'profile-level-id': '640032' }),
    video('VP8'),
    video('VP9', { 'profile-id': 0 }),
    video('H264', H264_PARAMETERS),
    video('AV1'),
  ];
}

/** What the SFU takes a codec for where it has one payload type only. */
export const CODEC_PARAMETERS: Readonly<Record<VideoCodec, Readonly<Record<string, string | number>>>> = {
  H264: H264_PARAMETERS,
  VP8: {},
  VP9: { 'profile-id': 0 },
  AV1: {},
};

/** Whether who has these capabilities takes a codec as {@link CODEC_PARAMETERS} has it. */
export function takesCodec({ codecs = [] }: RtpCapabilities, wanted: VideoCodec): boolean {
  const parameters = Object.entries(CODEC_PARAMETERS[wanted]);
  return codecs.some(({ mimeType, parameters: own = {} }) => codecName(mimeType) === wanted && parameters.every(([name, value]) => (own[name] ?? value) === value));
}

/** The name of a video codec in SDP; undefined for one that the SFU does not know. */
export function codecName(mimeType: string): VideoCodec | undefined {
  return VIDEO_CODECS.find((name) => `video/${name}`.toLowerCase() === mimeType.toLowerCase());
}

/**
 * The codecs of a router whose video and Opus leave under exactly these payload types.
 *
 * mediasoup gives a retransmission codec the first payload type that is free in its own order, and takes no wish for it. Audio
 * codecs take one payload type each and may name it, so they occupy everything that comes before the one wanted.
 */
export function codecsOf({ codec, media, rtx, opus: sound }: PayloadTypes): RouterRtpCodecCapability[] {
  const wanted = { ...video(codec, CODEC_PARAMETERS[codec]), preferredPayloadType: media };
  const until = rtx === undefined ? -1 : DYNAMIC.indexOf(rtx);
  const occupied = until < 0 ? [] : DYNAMIC.slice(0, until).filter((type) => type !== media && type !== sound);
  // Of codecs that are alike the first is taken.
  return [...(sound === undefined ? [] : [opus(sound)]), ...occupied.map(opus), wanted];
}

/** Whether a router can send retransmissions under this payload type. */
export function canBeRtx(payloadType: number, media: number): boolean {
  return payloadType !== media && DYNAMIC.includes(payloadType);
}

/** What an ingest of video sends: one stream with the two header extensions that mediasoup forwards. */
export function videoIngestParameters(codec: VideoCodec, ssrc: number, payloadType: number, ids: { absCaptureTime: number; playoutDelay: number }): RtpParameters {
  return {
    codecs: [
      {
        mimeType: `video/${codec}`,
        payloadType,
        clockRate: 90_000,
        parameters: { ...CODEC_PARAMETERS[codec] },
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }],
      },
    ],
    headerExtensions: [
      { uri: ABS_CAPTURE_TIME, id: ids.absCaptureTime },
      { uri: PLAYOUT_DELAY, id: ids.playoutDelay },
    ],
    encodings: [{ ssrc }],
    rtcp: { cname: CNAME, reducedSize: true },
  };
}

/** What an ingest of sound sends: one Opus stream with the header extension that mediasoup takes times of capture from. */
export function audioIngestParameters(ssrc: number, payloadType: number, ids: { absCaptureTime: number }): RtpParameters {
  return {
    codecs: [{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1, 'sprop-stereo': 1 }, rtcpFeedback: [] }],
    headerExtensions: [{ uri: ABS_CAPTURE_TIME, id: ids.absCaptureTime }],
    encodings: [{ ssrc }],
    // Of the name of the video: receivers play in step what one sender made (RFC 3550 §6.5.1).
    rtcp: { cname: CNAME, reducedSize: true },
  };
}

function video(name: string, parameters: Record<string, string | number> = {}): RouterRtpCodecCapability {
  return { kind: 'video', mimeType: `video/${name}`, clockRate: 90_000, parameters: { ...parameters } };
}

function opus(preferredPayloadType: number): RouterRtpCodecCapability {
  return { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
