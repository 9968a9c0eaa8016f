import type { RtpCapabilities } from 'mediasoup/types';
import { parseParams } from 'sdp-transform';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { canBeRtx, CODEC_PARAMETERS, H264_PARAMETERS, type PayloadTypes } from '../sfu/codecs.ts';
import { audioOf, badOffer, feedbackOf, fmtpOf, noCommonCodec, readSession, rtxOf, type OfferedMedia, type OfferedSession } from './sdp-session.ts';

/** The section in which a viewer accepts audio. */
export interface OfferedAudio {
  /** Its index in the offer. */
  readonly index: number;
  readonly mid: string;
  /** The media identification that packets carry. */
  readonly midOnWire: string;
  /** Payload type of Opus. */
  readonly payloadType: number;
  /** The `fmtp` line of Opus, which the answer repeats. */
  readonly fmtp: string;
}

/** What matters in a viewer's offer for sending it video in one codec, and possibly Opus. */
export interface ViewerOffer extends OfferedSession {
  /** Index of the data section, if there is one. */
  readonly data: number | undefined;
  /** The media identification that packets carry. */
  readonly midOnWire: string;
  /** Payload types of the video. */
  readonly payloadTypes: PayloadTypes;
  /** Undefined if the viewer accepts no audio, or not Opus. */
  readonly audio: OfferedAudio | undefined;
  /** The `fmtp` line of the chosen codec, which the answer repeats. */
  readonly fmtp: string;
  readonly rtpCapabilities: RtpCapabilities;
}

/**
 * Accepted feedback. Not `goog-remb`: the workers estimate bandwidth from transport-wide feedback alone, and log every REMB as an
 * error.
 */
const FEEDBACK = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'transport-cc', parameter: '' },
] as const;

const DEFAULT_FMTP = Object.entries(H264_PARAMETERS)
  .map(([key, value]) => `${key}=${value}`)
  .join(';');

/** Accepted feedback for audio. */
const AUDIO_FEEDBACK = [{ type: 'transport-cc', parameter: '' }] as const;

/** The extension that carries the media identification (RFC 8843 §15), and where the SFU writes it into every packet. */
const MID_EXTENSION = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, bytes: 8 } as const;
const UNREAD_MID = 'other';

/**
 * Accepted variants of H.264, best first, by profile-level-id and packetization-mode (RFC 6184). What is sent is constrained baseline
 * in mode 1, which decoders of the other profiles accept; mode 0 does not allow the fragments in use.
 */
const PREFERENCE: readonly ((profile: string | undefined, mode: number | undefined) => boolean)[] = [
  (profile, mode) => mode === 1 && profile !== undefined && isConstrainedBaseline(profile),
  (profile, mode) => mode === 1 && profile !== undefined && profile.startsWith('42'),
  (profile, mode) => mode === 1 && (profile === undefined || /^(4d|58|64)/.test(profile)),
  // Says nothing at all: GStreamer, unless told to. Its depayloader takes any mode.
  (profile, mode) => mode === undefined && profile === undefined,
];

/**
 * Reads the WHEP offer of any client.
 *
 * @param codec the codec of the video to send
 * @throws Refusal `bad-offer`; `no-common-codec` where it can't decode the streams
 */
export function readOffer(sdp: string, codec: VideoCodec = 'H264'): ViewerOffer {
  const session = readSession(sdp, 'receive');
  const media = session.media[session.video]!;
  const { payloadTypes, fmtp } = codec === 'H264' ? h264Of(media) : otherOf(media, codec);
  const mid = midOnWire(media);
  if (mid === undefined) throw badOffer(`The video section’s a=mid is longer than ${MID_EXTENSION.bytes} characters.`);
  const audio = audioIn(session.media, payloadTypes);
  const data = session.media.findIndex(({ type, port, protocol }) => type === 'application' && port !== 0 && /SCTP/.test(protocol));
  return {
    ...session,
    data: data < 0 ? undefined : data,
    midOnWire: mid,
    payloadTypes,
    audio,
    fmtp,
    rtpCapabilities: capabilities(session.media, media, payloadTypes, audio),
  };
}

/** The payload type for H.264 that the viewer accepts, and that of its retransmissions. */
function h264Of(media: OfferedMedia): { payloadTypes: PayloadTypes; fmtp: string } {
  const offered = media.rtp
    .filter(({ codec, rate, payload }) => String(codec).toUpperCase() === 'H264' && rate === 90_000 && payload <= 127)
    .map(({ payload }) => ({ payload, fmtp: fmtpOf(media, payload) }));
  const chosen = PREFERENCE.map((suits) =>
    offered.find(({ fmtp }) => {
      const parameters = parseParams(fmtp);
      const mode = parameters['packetization-mode'];
      const profile = parameters['profile-level-id'];
      return suits(profile === undefined ? undefined : String(profile).toLowerCase(), mode === undefined ? undefined : Number(mode));
    }),
  ).find((one) => one !== undefined);
  if (chosen === undefined) {
    throw noCommonCodec('The offer has no H.264 with packetization-mode=1, in which streams are sent (constrained baseline profile).');
  }
  return { payloadTypes: payloadTypesOf(media, 'H264', chosen.payload), fmtp: chosen.fmtp === '' ? DEFAULT_FMTP : chosen.fmtp };
}

/** The same for codecs used in their first profile only: its parameter is 0 or left out. */
function otherOf(media: OfferedMedia, codec: VideoCodec): { payloadTypes: PayloadTypes; fmtp: string } {
  const suits = (payload: number): boolean => {
    const { 'profile-id': vp9 = 0, profile: av1 = 0 } = parseParams(fmtpOf(media, payload));
    return Number(vp9) === 0 && Number(av1) === 0;
  };
  const chosen = media.rtp.find((one) => String(one.codec).toUpperCase() === codec && one.rate === 90_000 && one.payload <= 127 && suits(one.payload));
  if (chosen === undefined) throw noCommonCodec(`The offer has no ${codec} in which this stream is sent.`);
  return { payloadTypes: payloadTypesOf(media, codec, chosen.payload), fmtp: fmtpOf(media, chosen.payload) };
}

function payloadTypesOf(media: OfferedMedia, codec: VideoCodec, payload: number): PayloadTypes {
  const rtx = rtxOf(media, payload);
  return { codec, media: payload, rtx: rtx !== undefined && canBeRtx(rtx, payload) ? rtx : undefined };
}

/** The section in which a viewer accepts Opus (RFC 7587); undefined if there is none. */
function audioIn(sections: readonly OfferedMedia[], { media: video, rtx }: PayloadTypes): OfferedAudio | undefined {
  const index = audioOf(sections, 'receive');
  if (index === undefined) return undefined;
  const media = sections[index]!;
  const opus = media.rtp.find(({ codec, rate, payload }) => String(codec).toLowerCase() === 'opus' && rate === 48_000 && payload <= 127 && payload !== video && payload !== rtx);
  const onWire = midOnWire(media);
  if (opus === undefined || onWire === undefined) return undefined;
  return { index, mid: String(media.mid), midOnWire: onWire, payloadType: opus.payload, fmtp: fmtpOf(media, opus.payload) };
}

/** Baseline with the constraint_set1 flag (RFC 6184 §8.1, table 5). */
function isConstrainedBaseline(profile: string): boolean {
  return profile.startsWith('42') && (Number.parseInt(profile.slice(2, 4), 16) & 0x40) !== 0;
}

/**
 * The media identification that the SFU writes into each packet. If the viewer uses that extension id for something else, the value
 * has a length that no other extension has.
 */
function midOnWire(media: OfferedMedia): string | undefined {
  const mid = String(media.mid);
  const readable = (media.ext ?? []).some(({ uri, value }) => uri === MID_EXTENSION.uri && value === MID_EXTENSION.id);
  if (!readable) return UNREAD_MID;
  return mid.length > MID_EXTENSION.bytes ? undefined : mid;
}

function capabilities(sections: readonly OfferedMedia[], media: OfferedMedia, { codec, media: payload, rtx }: PayloadTypes, audio: OfferedAudio | undefined): RtpCapabilities {
  const sound = audio === undefined ? undefined : sections[audio.index];
  return {
    codecs: [
      {
        kind: 'video',
        mimeType: `video/${codec}`,
        preferredPayloadType: payload,
        clockRate: 90_000,
        parameters: { ...CODEC_PARAMETERS[codec] },
        rtcpFeedback: feedbackOf(media, payload, FEEDBACK),
      },
      ...(rtx === undefined ? [] : [{ kind: 'video' as const, mimeType: 'video/rtx', preferredPayloadType: rtx, clockRate: 90_000, parameters: { apt: payload }, rtcpFeedback: [] }]),
      ...(sound === undefined || audio === undefined
        ? []
        : [
            {
              kind: 'audio' as const,
              mimeType: 'audio/opus',
              preferredPayloadType: audio.payloadType,
              clockRate: 48_000,
              channels: 2,
              rtcpFeedback: feedbackOf(sound, audio.payloadType, AUDIO_FEEDBACK),
            },
          ]),
    ],
    headerExtensions: (media.ext ?? []).map(({ uri, value }) => ({ kind: 'video', uri: uri as never, preferredId: value, preferredEncrypt: false, direction: 'recvonly' })),
  };
}
