import type { DtlsParameters, RtpCapabilities } from 'mediasoup/types';
import { parse, parseParams, type SessionDescription } from 'sdp-transform';
import { ProblemError } from '../http/problem.ts';
import type { PayloadTypes } from '../sfu/codecs.ts';
import { canBeRtx, H264_PARAMETERS } from '../sfu/codecs.ts';
import { DtlsParameters as DtlsSchema } from './rtc-schema.ts';

export type OfferedMedia = SessionDescription['media'][number];

/** A viewer's offer, as far as it matters for sending it one H.264 stream. */
export interface ViewerOffer {
  readonly media: readonly OfferedMedia[];
  /** Index of the video that will be answered. */
  readonly video: number;
  /** Index of the data section, if there is one. */
  readonly data: number | undefined;
  readonly mid: string;
  /** The media identification that goes into packets. */
  readonly midOnWire: string;
  readonly payloadTypes: PayloadTypes;
  /** The `fmtp` line of the chosen codec, which the answer repeats. */
  readonly fmtp: string;
  readonly rtpCapabilities: RtpCapabilities;
  readonly dtlsParameters: DtlsParameters;
  /** The DTLS side that the answer takes: the offerer's wish, or the passive one. */
  readonly setup: 'active' | 'passive';
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

/** The extension that carries the media identification (RFC 8843 §15), and where the SFU writes it into every packet. */
const MID_EXTENSION = { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1, bytes: 8 } as const;

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
 * @throws ProblemError 400 for what is no usable offer, 406 where it can't take what streams are made of
 */
export function readOffer(sdp: string): ViewerOffer {
  if (!/^v=0\r?\n/.test(sdp)) throw bad('The body is no session description: it has to begin with v=0.');
  const session = parse(sdp);
  const video = session.media.findIndex(({ type, port, direction }) => type === 'video' && port !== 0 && direction !== 'sendonly' && direction !== 'inactive');
  const media = session.media[video];
  if (media === undefined) throw bad('The offer has no video section (m=video) that wants to receive.');
  if (!/^UDP\/TLS\/RTP\/SAVPF$|^RTP\/SAVPF$/.test(media.protocol)) throw bad(`The video section’s transport is ${media.protocol}; it has to be UDP/TLS/RTP/SAVPF.`);
  if (media.mid === undefined) throw bad('The video section has no a=mid.');
  const fingerprint = media.fingerprint ?? session.fingerprint;
  if (fingerprint === undefined) throw bad('The offer has no DTLS fingerprint.');
  if ((media.iceUfrag ?? session.iceUfrag) === undefined) throw bad('The offer has no ICE credentials (a=ice-ufrag, a=ice-pwd).');
  const setup = media.setup ?? session.setup ?? 'actpass';
  if (!['actpass', 'active', 'passive'].includes(setup)) throw bad(`a=setup:${setup} can’t be answered.`);
  const dtls = DtlsSchema.safeParse({
    role: setup === 'passive' ? 'server' : 'client',
    fingerprints: [{ algorithm: fingerprint.type.toLowerCase(), value: fingerprint.hash.toUpperCase() }],
  });
  if (!dtls.success) throw bad('The offer’s DTLS fingerprint is none that can be checked (RFC 8122).');
  const { payloadTypes, fmtp } = h264Of(media);
  const data = session.media.findIndex(({ type, port, protocol }) => type === 'application' && port !== 0 && /SCTP/.test(protocol));
  return {
    media: session.media,
    video,
    data: data < 0 ? undefined : data,
    mid: String(media.mid),
    midOnWire: midOnWire(media),
    payloadTypes,
    fmtp,
    rtpCapabilities: capabilities(media, payloadTypes),
    dtlsParameters: dtls.data,
    setup: setup === 'passive' ? 'active' : 'passive',
  };
}

/** The payload type under which a viewer takes what is sent, and that of its retransmissions. */
function h264Of(media: OfferedMedia): { payloadTypes: PayloadTypes; fmtp: string } {
  const offered = media.rtp
    .filter(({ codec, rate, payload }) => codec.toUpperCase() === 'H264' && rate === 90_000 && payload <= 127)
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
    throw new ProblemError({
      status: 406,
      code: 'no-common-codec',
      detail: 'The offer has no H.264 with packetization-mode=1, in which streams are sent (constrained baseline profile).',
    });
  }
  const rtx = media.rtp.find(
    ({ codec, payload }) =>
      codec.toLowerCase() === 'rtx' && Number(parseParams(fmtpOf(media, payload))['apt']) === chosen.payload && canBeRtx(payload, chosen.payload),
  )?.payload;
  return { payloadTypes: { h264: chosen.payload, rtx }, fmtp: chosen.fmtp === '' ? DEFAULT_FMTP : chosen.fmtp };
}

function fmtpOf(media: OfferedMedia, payload: number): string {
  return media.fmtp.find((one) => one.payload === payload)?.config ?? '';
}

/** RFC 6184 §8.1, table 5: baseline whose constraint_set1 flag is set. */
function isConstrainedBaseline(profile: string): boolean {
  return profile.startsWith('42') && (Number.parseInt(profile.slice(2, 4), 16) & 0x40) !== 0;
}

/**
 * What the SFU writes into each packet's media identification. Where the viewer can't read it there, it is something short that no
 * extension of a viewer's own at that place is as long as.
 */
function midOnWire(media: OfferedMedia): string {
  const mid = String(media.mid);
  const readable = (media.ext ?? []).some(({ uri, value }) => uri === MID_EXTENSION.uri && value === MID_EXTENSION.id);
  if (!readable) return '0';
  if (mid.length > MID_EXTENSION.bytes) throw bad(`The video section’s a=mid is longer than ${MID_EXTENSION.bytes} characters.`);
  return mid;
}

function capabilities(media: OfferedMedia, { h264, rtx }: PayloadTypes): RtpCapabilities {
  const offered = (media.rtcpFb ?? []).filter(({ payload }) => payload === '*' || Number(payload) === h264);
  const rtcpFeedback = FEEDBACK.filter(({ type, parameter }) => offered.some((one) => one.type === type && (one.subtype ?? '') === parameter));
  return {
    codecs: [
      {
        kind: 'video',
        mimeType: 'video/H264',
        preferredPayloadType: h264,
        clockRate: 90_000,
        parameters: { ...H264_PARAMETERS },
        rtcpFeedback: rtcpFeedback.map(({ type, parameter }) => ({ type, parameter })),
      },
      ...(rtx === undefined ? [] : [{ kind: 'video' as const, mimeType: 'video/rtx', preferredPayloadType: rtx, clockRate: 90_000, parameters: { apt: h264 }, rtcpFeedback: [] }]),
    ],
    headerExtensions: (media.ext ?? []).map(({ uri, value }) => ({ kind: 'video', uri: uri as never, preferredId: value, preferredEncrypt: false, direction: 'recvonly' })),
  };
}

function bad(detail: string): ProblemError {
  return new ProblemError({ status: 400, code: 'bad-offer', detail });
}
