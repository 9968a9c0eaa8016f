import type { RtpCapabilities } from 'mediasoup/types';
import { parseParams } from 'sdp-transform';
import type { VideoCodec } from '../pipeline/media/video-codec.ts';
import { canBeRtx, CODEC_PARAMETERS, H264_PARAMETERS, type PayloadTypes } from '../sfu/codecs.ts';
import { audioOf, badOffer, feedbackOf, fmtpOf, noCommonCodec, readSession, rtxOf, type OfferedMedia, type OfferedSession } from './sdp-session.ts';

/** The section in which a viewer takes sound. */
export interface OfferedAudio {
  /** Its index in the offer. */
  readonly index: number;
  readonly mid: string;
  /** The media identification that goes into packets. */
  readonly midOnWire: string;
  /** Of Opus. */
  readonly payloadType: number;
  /** Of Opus, which the answer repeats. */
  readonly fmtp: string;
}

/** A viewer's offer, as far as it matters for sending it one stream of one codec and perhaps one of Opus. */
export interface ViewerOffer extends OfferedSession {
  /** Index of the data section, if there is one. */
  readonly data: number | undefined;
  /** The media identification that goes into packets. */
  readonly midOnWire: string;
  /** Of the video. */
  readonly payloadTypes: PayloadTypes;
  /** Undefined where the viewer takes no sound, or none that is sent. */
  readonly audio: OfferedAudio | undefined;
  /** The `fmtp` line of the chosen codec, which the answer repeats. */
  readonly fmtp: string;
  readonly rtpCapabilities: RtpCapabilities;
}

/**
 * Feedback that is taken up. Not `goog-remb`: the workers estimate bandwidth from transport-wide feedback alone, and complain about
 * each REMB that comes to them otherwise.
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

/** Feedback about sound that is taken up. */
const AUDIO_FEEDBACK = [{ type: 'transport-cc', parameter: '' }] as const;

/** The extension that carries the media identification (RFC 8843 §15), and where the SFU writes it into every packet. */
const MID_EXTENSION = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, bytes: 8 } as const;
const UNREAD_MID = 'other';

/**
 * Which H.264 is taken, best first: profile-level-id and packetization-mode, in RFC 6184's terms. What is sent is constrained
 * baseline in mode 1, which decoders of the other profiles take too; mode 0 forbids the fragments that it is sent in.
 */
const PREFERENCE: readonly ((profile: string | undefined, mode: number | undefined) => boolean)[] = [
  (profile, mode) => mode === 1 && profile !== undefined && isConstrainedBaseline(profile),
  (profile, mode) => mode === 1 && profile !== undefined && profile.startsWith('42'),
  (profile, mode) => mode === 1 && (profile === undefined || /^(4d|58|64)/.test(profile)),
  // Says nothing at all: GStreamer, unless told to. Its depayloader takes any mode.
  (profile, mode) => mode === undefined && profile === undefined,
];

/**
 * Reads an offer of a viewer: WHEP's, made by whatever client.
 *
 * @param codec in which it will be sent video
 * @throws Refusal `bad-offer`; `no-common-codec` where it can't take what streams are made of
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

/** The payload type under which a viewer takes what is sent, and that of its retransmissions. */
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

/** The same for codecs of which the first profile alone is used: its parameter is 0, or left out. */
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

/** Where a viewer takes Opus (RFC 7587), if it does. */
function audioIn(sections: readonly OfferedMedia[], { media: video, rtx }: PayloadTypes): OfferedAudio | undefined {
  const index = audioOf(sections, 'receive');
  if (index === undefined) return undefined;
  const media = sections[index]!;
  const opus = media.rtp.find(({ codec, rate, payload }) => String(codec).toLowerCase() === 'opus' && rate === 48_000 && payload <= 127 && payload !== video && payload !== rtx);
  const onWire = midOnWire(media);
  if (opus === undefined || onWire === undefined) return undefined;
  return { index, mid: String(media.mid), midOnWire: onWire, payloadType: opus.payload, fmtp: fmtpOf(media, opus.payload) };
}

/** RFC 6184 §8.1, table 5: baseline whose constraint_set1 flag is set. */
function isConstrainedBaseline(profile: string): boolean {
  return profile.startsWith('42') && (Number.parseInt(profile.slice(2, 4), 16) & 0x40) !== 0;
}

/**
 * What the SFU writes into each packet's media identification. Where the viewer can't read it there, it is of a length that no
 * extension of a viewer's own at that place has.
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
