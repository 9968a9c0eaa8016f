import type { DtlsParameters } from 'mediasoup/types';
import { parse, parseParams, type SessionDescription } from 'sdp-transform';
import { Refusal } from '../util/refusal.ts';
import { DtlsParameters as DtlsSchema } from './rtc-schema.ts';

/** A section of an offer. sdp-transform parses values of digits as numbers, whatever their type says. */
export type OfferedMedia = SessionDescription['media'][number];

/** What every offer must contain, to send or to receive. */
export interface OfferedSession {
  readonly media: readonly OfferedMedia[];
  /** Index of the accepted video section. */
  readonly video: number;
  readonly mid: string;
  readonly dtlsParameters: DtlsParameters;
  /** The DTLS role of the answer: what the offer demands, else passive. */
  readonly setup: 'active' | 'passive';
}

/** What an offerer wants to do with its media, and the direction that excludes it. */
const WISHES = { receive: 'sendonly', send: 'recvonly' } as const;

/**
 * Reads what all offers have in common (RFC 8829).
 * @param wish whether the offerer wants to send or to receive
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
 * Index of the audio section that can be accepted; undefined if there is none.
 * @param wish whether the offerer wants to send or to receive
 */
export function audioOf(media: readonly OfferedMedia[], wish: keyof typeof WISHES): number | undefined {
  const index = media.findIndex(({ type, port, mid, direction = 'sendrecv' }) => type === 'audio' && port !== 0 && mid !== undefined && direction !== WISHES[wish] && direction !== 'inactive');
  return index < 0 ? undefined : index;
}

/** The `fmtp` line of a payload type; empty if it has none. */
export function fmtpOf(media: OfferedMedia, payload: number): string {
  return String(media.fmtp.find((one) => one.payload === payload)?.config ?? '');
}

/** The payload type of the RFC 4588 retransmissions of another; undefined if the offer has none. */
export function rtxOf(media: OfferedMedia, payload: number): number | undefined {
  return media.rtp.find((one) => String(one.codec).toLowerCase() === 'rtx' && Number(parseParams(fmtpOf(media, one.payload))['apt']) === payload)?.payload;
}

/** An `rtcp-fb` entry. */
export interface Feedback {
  readonly type: string;
  readonly parameter: string;
}

/** The possible feedback that is offered for a payload type. */
export function feedbackOf(media: OfferedMedia, payloadType: number, possible: readonly Feedback[]): Feedback[] {
  const offered = (media.rtcpFb ?? []).filter(({ payload }) => payload === '*' || Number(payload) === payloadType);
  return possible.filter(({ type, parameter }) => offered.some((one) => one.type === type && (one.subtype ?? '') === parameter)).map((one) => ({ ...one }));
}

/** Refuses an unusable offer. */
export function badOffer(message: string): Refusal {
  return new Refusal('bad-offer', message);
}

/** Refuses an offer without a common codec. */
export function noCommonCodec(message: string): Refusal {
  return new Refusal('no-common-codec', message);
}
