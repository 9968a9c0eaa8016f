import type { DtlsParameters, RtpCapabilities } from 'mediasoup/types';
import { parse, parseParams, type SessionDescription } from 'sdp-transform';
import { ProblemError } from '../http/problem.ts';
import type { PayloadTypes } from '../sfu/codecs.ts';
import { canBeRtx, H264_PARAMETERS } from '../sfu/codecs.ts';

export type OfferedMedia = SessionDescription['media'][number];

/** A viewer's offer, as far as it matters for sending it one H.264 stream. */
export interface ViewerOffer {
  readonly media: readonly OfferedMedia[];
  /** Index of the video that will be answered. */
  readonly video: number;
  /** Index of the data section, if there is one. */
  readonly data: number | undefined;
  readonly mid: string;
  readonly payloadTypes: PayloadTypes;
  /** The `fmtp` line of the chosen codec, which the answer repeats. */
  readonly fmtp: string;
  readonly rtpCapabilities: RtpCapabilities;
  readonly dtlsParameters: DtlsParameters;
  /** The DTLS side that the answer takes: the offerer's wish, or the passive one. */
  readonly setup: 'active' | 'passive';
}

/** Feedback that the SFU understands. */
const FEEDBACK = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'goog-remb', parameter: '' },
  { type: 'transport-cc', parameter: '' },
] as const;

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
  const { payloadTypes, fmtp } = h264Of(media);
  const data = session.media.findIndex(({ type, port, protocol }) => type === 'application' && port !== 0 && /SCTP/.test(protocol));
  return {
    media: session.media,
    video,
    data: data < 0 ? undefined : data,
    mid: String(media.mid),
    payloadTypes,
    fmtp,
    rtpCapabilities: capabilities(media, payloadTypes),
    dtlsParameters: {
      role: setup === 'passive' ? 'server' : 'client',
      fingerprints: [{ algorithm: fingerprint.type.toLowerCase() as 'sha-256', value: fingerprint.hash.toUpperCase() }],
    },
    setup: setup === 'passive' ? 'active' : 'passive',
  };
}

/** The payload type under which a viewer takes constrained baseline in packetization-mode 1, and that of its retransmissions. */
function h264Of(media: OfferedMedia): { payloadTypes: PayloadTypes; fmtp: string } {
  const candidates = media.rtp
    .filter(({ codec, rate }) => codec.toUpperCase() === 'H264' && rate === 90_000)
    .map(({ payload }) => ({ payload, fmtp: media.fmtp.find((one) => one.payload === payload)?.config ?? '' }))
    .map((one) => ({ ...one, parameters: parseParams(one.fmtp) }))
    .filter(({ parameters }) => Number(parameters['packetization-mode'] ?? 0) === 1)
    .filter(({ parameters }) => /^42/.test(String(parameters['profile-level-id'] ?? '42')));
  const chosen = candidates.find(({ parameters }) => /^42[cdef]0/i.test(String(parameters['profile-level-id']))) ?? candidates[0];
  if (chosen === undefined) {
    throw new ProblemError({
      status: 406,
      code: 'no-common-codec',
      detail: 'The offer has no H.264 in (constrained) baseline profile with packetization-mode=1, in which streams are sent.',
    });
  }
  const rtx = media.rtp.find(
    ({ codec, payload }) =>
      codec.toLowerCase() === 'rtx' &&
      Number(parseParams(media.fmtp.find((one) => one.payload === payload)?.config ?? '')['apt']) === chosen.payload &&
      canBeRtx(payload, chosen.payload),
  )?.payload;
  return { payloadTypes: { h264: chosen.payload, rtx }, fmtp: chosen.fmtp };
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

