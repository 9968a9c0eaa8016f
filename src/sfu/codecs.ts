import type { RouterRtpCodecCapability, RtpCapabilities, RtpParameters } from 'mediasoup/types';
import { VIDEO_CODECS, type VideoCodec } from '../pipeline/media/video-codec.ts';

/** The header extension that carries the capture time of a frame through the SFU. */
export const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';
/** The header extension by which a sender bounds the receiver's jitter buffer. */
export const PLAYOUT_DELAY = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** RTCP CNAME of everything that streams send. */
const CNAME = 'framelock';

/** Constrained baseline, level 3.1: what every WebRTC endpoint with H.264 decodes (RFC 7742 §6.2). */
export const H264_PARAMETERS = {
  'profile-level-id': '42e01f',
  'packetization-mode': 1,
  'level-asymmetry-allowed': 1,
} as const;

/** The payload types of what a router sends. */
export interface PayloadTypes {
  readonly codec: VideoCodec;
  /** Of the video. */
  readonly media: number;
  /** Of RFC 4588 retransmissions; left out where the receiver has none, or none that can be matched. */
  readonly rtx?: number | undefined;
  /** Left out for a receiver without sound. */
  readonly opus?: number | undefined;
}

/**
 * The payload types of a worker's base router: those of Chromium's constrained baseline and Opus, so that the most common WHEP offers
 * need no second router.
 */
export const BASE_PAYLOAD_TYPES = { codec: 'H264', media: 108, rtx: 109, opus: 111 } as const satisfies PayloadTypes;

/** The order in which mediasoup assigns payload types (`DynamicPayloadTypes` in its `ortc.js`). */
const DYNAMIC = [...range(100, 127), ...range(96, 99)];

/**
 * The codecs of a worker's base router: everything that a stream may consist of. Each video codec takes two payload types from 100 on,
 * its own and that of its retransmissions, which puts constrained baseline at {@link BASE_PAYLOAD_TYPES}. Opus names its payload type
 * and comes first, so that no other codec takes it.
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

/** The parameters of each codec on routers and ingests that have one payload type for it. */
export const CODEC_PARAMETERS: Readonly<Record<VideoCodec, Readonly<Record<string, string | number>>>> = {
  H264: H264_PARAMETERS,
  VP8: {},
  VP9: { 'profile-id': 0 },
  AV1: {},
};

/** Whether an endpoint with these capabilities can receive a codec with its {@link CODEC_PARAMETERS}. */
export function takesCodec({ codecs = [] }: RtpCapabilities, wanted: VideoCodec): boolean {
  const parameters = Object.entries(CODEC_PARAMETERS[wanted]);
  return codecs.some(({ mimeType, parameters: own = {} }) => codecName(mimeType) === wanted && parameters.every(([name, value]) => (own[name] ?? value) === value));
}

/** The codec of a MIME type; undefined for one that the SFU does not know. */
export function codecName(mimeType: string): VideoCodec | undefined {
  return VIDEO_CODECS.find((name) => `video/${name}`.toLowerCase() === mimeType.toLowerCase());
}

/**
 * The codecs of a router that sends video and Opus with exactly these payload types.
 *
 * mediasoup assigns a retransmission codec the first free payload type of its own order, whatever is asked for. Audio codecs take one
 * payload type each and may choose it, so dummies occupy everything before the wanted one.
 */
export function codecsOf({ codec, media, rtx, opus: sound }: PayloadTypes): RouterRtpCodecCapability[] {
  const wanted = { ...video(codec, CODEC_PARAMETERS[codec]), preferredPayloadType: media };
  const until = rtx === undefined ? -1 : DYNAMIC.indexOf(rtx);
  const occupied = until < 0 ? [] : DYNAMIC.slice(0, until).filter((type) => type !== media && type !== sound);
  // Of equal codecs, mediasoup takes the first.
  return [...(sound === undefined ? [] : [opus(sound)]), ...occupied.map(opus), wanted];
}

/** Whether a router can send retransmissions with this payload type. */
export function canBeRtx(payloadType: number, media: number): boolean {
  return payloadType !== media && DYNAMIC.includes(payloadType);
}

/** The RTP parameters of a video ingest: one stream with the two header extensions that mediasoup forwards. */
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

/** The RTP parameters of an audio ingest: one Opus stream with the header extension from which mediasoup takes capture times. */
export function audioIngestParameters(ssrc: number, payloadType: number, ids: { absCaptureTime: number }): RtpParameters {
  return {
    codecs: [{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1, 'sprop-stereo': 1 }, rtcpFeedback: [] }],
    headerExtensions: [{ uri: ABS_CAPTURE_TIME, id: ids.absCaptureTime }],
    encodings: [{ ssrc }],
    // The CNAME of the video: receivers synchronise what has one CNAME (RFC 3550 §6.5.1).
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
