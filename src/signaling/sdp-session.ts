import type { DtlsParameters } from 'mediasoup/types';
import { parse, parseParams, type SessionDescription } from 'sdp-transform';
import { Refusal } from '../util/refusal.ts';
import { DtlsParameters as DtlsSchema } from './rtc-schema.ts';

/** What is made of digits alone is a number here, whatever its type says: sdp-transform reads it so. */
export type OfferedMedia = SessionDescription['media'][number];

/** What any offer has to hold, whichever way its video goes. */
export interface OfferedSession {
  readonly media: readonly OfferedMedia[];
  /** Index of the video that will be answered. */
  readonly video: number;
  readonly mid: string;
  readonly dtlsParameters: DtlsParameters;
  /** The DTLS side that the answer takes: the offerer's wish, or the passive one. */
  readonly setup: 'active' | 'passive';
}

/** What an offerer wants to do with its video, and the direction that would not do. */
const WISHES = { receive: 'sendonly', send: 'recvonly' } as const;

/**
 * Reads what all offers have in common (RFC 8829).
 * @param wish what the offerer wants to do with its video
 * @throws Refusal `bad-offer`
 */
export function readSession(sdp: string, wish: keyof typeof WISHES): OfferedSession {
  if (!/^v=0\r?\n/.test(sdp)) throw badOffer('The body is no session description: it has to begin with v=0.');
  const session = parse(sdp);
  const suits = (media: OfferedMedia): boolean => {
    const direction = media.direction ?? session.direction ?? 'sendrecv';
    return media.type === 'video' && media.port !== 0 && direction !== WISHES[wish] && direction !== 'inactive';
  };
  const video = session.media.findIndex(suits);
  const media = session.media[video];
  if (media === undefined) throw badOffer(`The offer has no video section (m=video) that wants to ${wish}.`);
  if (!/^UDP\/TLS\/RTP\/SAVPF$|^RTP\/SAVPF$/.test(media.protocol)) throw badOffer(`The video section’s transport is ${media.protocol}; it has to be UDP/TLS/RTP/SAVPF.`);
  if (media.mid === undefined) throw badOffer('The video section has no a=mid.');
  const fingerprint = media.fingerprint ?? session.fingerprint;
  if (fingerprint === undefined) throw badOffer('The offer has no DTLS fingerprint.');
  if ((media.iceUfrag ?? session.iceUfrag) === undefined) throw badOffer('The offer has no ICE credentials (a=ice-ufrag, a=ice-pwd).');
  const setup = media.setup ?? session.setup ?? 'actpass';
  if (!['actpass', 'active', 'passive'].includes(setup)) throw badOffer(`a=setup:${setup} can’t be answered.`);
  const dtls = DtlsSchema.safeParse({
    role: setup === 'passive' ? 'server' : 'client',
    fingerprints: [{ algorithm: String(fingerprint.type).toLowerCase(), value: String(fingerprint.hash).toUpperCase() }],
  });
  if (!dtls.success) throw badOffer('The offer’s DTLS fingerprint is none that can be checked (RFC 8122).');
  return { media: session.media, video, mid: String(media.mid), dtlsParameters: dtls.data, setup: setup === 'passive' ? 'active' : 'passive' };
}

/**
 * Index of the section of sound that can be answered; undefined where there is none.
 * @param wish what the offerer wants to do with it
 */
export function audioOf(media: readonly OfferedMedia[], wish: keyof typeof WISHES): number | undefined {
  const index = media.findIndex(({ type, port, mid, direction = 'sendrecv' }) => type === 'audio' && port !== 0 && mid !== undefined && direction !== WISHES[wish] && direction !== 'inactive');
  return index < 0 ? undefined : index;
}

/** The `fmtp` line of a payload type; empty where it has none. */
export function fmtpOf(media: OfferedMedia, payload: number): string {
  return String(media.fmtp.find((one) => one.payload === payload)?.config ?? '');
}

/** The payload type of RFC 4588 retransmissions of another, where the offer has one. */
export function rtxOf(media: OfferedMedia, payload: number): number | undefined {
  return media.rtp.find((one) => String(one.codec).toLowerCase() === 'rtx' && Number(parseParams(fmtpOf(media, one.payload))['apt']) === payload)?.payload;
}

/** Feedback in SDP's terms. */
export interface Feedback {
  readonly type: string;
  readonly parameter: string;
}

/** What of the feedback that can be given is offered for a payload type. */
export function feedbackOf(media: OfferedMedia, payloadType: number, possible: readonly Feedback[]): Feedback[] {
  const offered = (media.rtcpFb ?? []).filter(({ payload }) => payload === '*' || Number(payload) === payloadType);
  return possible.filter(({ type, parameter }) => offered.some((one) => one.type === type && (one.subtype ?? '') === parameter)).map((one) => ({ ...one }));
}

/** For what is not a usable offer. */
export function badOffer(message: string): Refusal {
  return new Refusal('bad-offer', message);
}

/** For an offer without a codec that is possible. */
export function noCommonCodec(message: string): Refusal {
  return new Refusal('no-common-codec', message);
}
