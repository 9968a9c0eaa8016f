import type { RtpCodecCapability, RtpParameters } from 'mediasoup/types';
import { parseParams } from 'sdp-transform';
import type { ScalabilityMode } from './scalability-mode.ts';
import { audioOf, badOffer, feedbackOf, fmtpOf, noCommonCodec, readSession, rtxOf, type OfferedMedia, type OfferedSession } from './sdp-session.ts';

/** A section that will be received. */
export interface PublishedMedia {
  /** Its index in the offer. */
  readonly index: number;
  readonly mid: string;
  /** With the publisher's payload types and header extension ids. */
  readonly rtpParameters: RtpParameters;
  /** The `fmtp` line of the codec, which the answer repeats. */
  readonly fmtp: string;
  /** Name, clock rate and channels, as in `rtpmap`. */
  readonly name: string;
}

/** What matters in a publisher's offer for receiving one video and one audio. */
export interface PublishOffer extends OfferedSession {
  readonly publishedVideo: PublishedMedia;
  readonly publishedAudio: PublishedMedia | undefined;
}

/** Feedback sent for video. Not `goog-remb` as well: one bandwidth estimate is enough. */
const VIDEO_FEEDBACK = [
  { type: 'nack', parameter: '' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'transport-cc', parameter: '' },
] as const;
const AUDIO_FEEDBACK = [{ type: 'transport-cc', parameter: '' }] as const;

/** Header extensions that the SFU reads. */
const EXTENSIONS = [
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
] as const;
const MID = EXTENSIONS[0];
/** Codecs whose layers the SFU can separate; layers of others are forwarded together. */
const LAYERED: ReadonlySet<string> = new Set(['video/vp9']);
/** The largest identifier of a header extension (RFC 8285 §4.3). */
const MAX_EXTENSION = 255;
const MAX_SSRC = 0xffff_ffff;

/**
 * Reads the WHIP offer (RFC 9725 §4.2) of any client. Selects the first of its codecs that the SFU can receive.
 *
 * @param codecs what the SFU can receive
 * @param scalabilityMode the layers that it will send, if the codec has any
 * @throws Refusal `bad-offer`; `no-common-codec` if the SFU can receive none of its codecs
 */
export function readPublishOffer(sdp: string, codecs: readonly RtpCodecCapability[], scalabilityMode?: ScalabilityMode): PublishOffer {
  const session = readSession(sdp, 'send');
  const media = session.media[session.video]!;
  const video = published(media, session.video, codecs.filter(({ kind }) => kind === 'video'), scalabilityMode);
  if (video === undefined) {
    const names = new Set(codecs.filter(({ kind, mimeType }) => kind === 'video' && !/rtx/i.test(mimeType)).map(({ mimeType }) => mimeType.slice('video/'.length)));
    throw noCommonCodec(`The offer has no video codec that can be received here: ${[...names].join(', ')}.`);
  }
  const audio = audioOf(session.media, 'send');
  const opus = codecs.filter(({ kind }) => kind === 'audio');
  // Audio that can't be received is rejected: better a stream without audio than none.
  return { ...session, publishedVideo: video, publishedAudio: audio === undefined ? undefined : published(session.media[audio]!, audio, opus) };
}

/** @returns undefined without a common codec @throws Refusal `bad-offer` for video whose packets can't be identified */
function published(media: OfferedMedia, index: number, codecs: readonly RtpCodecCapability[], scalabilityMode?: ScalabilityMode): PublishedMedia | undefined {
  const chosen = codecOf(media, codecs);
  if (chosen === undefined) return undefined;
  const { payload, capability, name } = chosen;
  const mid = String(media.mid);
  const extensions = EXTENSIONS.flatMap((uri) => {
    const id = media.ext?.find((one) => one.uri === uri)?.value;
    return id === undefined || id < 1 || id > MAX_EXTENSION ? [] : [{ uri, id, encrypt: false, parameters: {} }];
  });
  const video = media.type === 'video';
  const rtx = video ? rtxOf(media, payload) : undefined;
  const encoding = encodingOf(media, rtx !== undefined);
  if (encoding === undefined && !extensions.some(({ uri }) => uri === MID)) {
    if (!video) return undefined;
    throw badOffer(`The ${media.type} section names no a=ssrc and no header extension for its a=mid (RFC 8843): its packets can’t be told from others.`);
  }
  const rtcpFeedback = feedbackOf(media, payload, video ? VIDEO_FEEDBACK : AUDIO_FEEDBACK);
  const { mimeType, clockRate, channels, parameters } = capability;
  return {
    index,
    mid,
    fmtp: fmtpOf(media, payload),
    name,
    rtpParameters: {
      mid,
      codecs: [
        { mimeType, payloadType: payload, clockRate, ...(channels === undefined ? {} : { channels }), parameters: parameters ?? {}, rtcpFeedback },
        ...(rtx === undefined ? [] : [{ mimeType: 'video/rtx', payloadType: rtx, clockRate, parameters: { apt: payload }, rtcpFeedback: [] }]),
      ],
      headerExtensions: extensions,
      encodings: [{ ...encoding, ...(scalabilityMode !== undefined && LAYERED.has(mimeType.toLowerCase()) ? { scalabilityMode } : {}) }],
      rtcp: { reducedSize: true, ...(encoding?.cname === undefined ? {} : { cname: encoding.cname }) },
    },
  };
}

/** The first codec of the offer that can be received. */
function codecOf(media: OfferedMedia, codecs: readonly RtpCodecCapability[]): { payload: number; capability: RtpCodecCapability; name: string } | undefined {
  const order = String(media.payloads ?? '').split(' ').map(Number);
  const offered = media.rtp.filter(({ payload }) => payload <= 127).toSorted((a, b) => order.indexOf(a.payload) - order.indexOf(b.payload));
  for (const { payload, codec, rate, encoding } of offered) {
    const capability = codecs.find((one) => one.mimeType.toLowerCase() === `${media.type}/${codec}`.toLowerCase() && one.clockRate === rate && suits(one, fmtpOf(media, payload)));
    const channels = encoding === undefined ? '' : `/${encoding}`;
    if (capability !== undefined) return { payload, capability, name: `${codec}/${rate}${channels}` };
  }
  return undefined;
}

/** Whether a receiver with this capability can decode a sender with these parameters. */
function suits({ mimeType, parameters = {} }: RtpCodecCapability, fmtp: string): boolean {
  const offered = parseParams(fmtp);
  switch (mimeType.toLowerCase()) {
    case 'video/h264':
      return Number(offered['packetization-mode'] ?? 0) <= Number(parameters['packetization-mode'] ?? 0) && profileOf(offered['profile-level-id']) === profileOf(parameters['profile-level-id']);
    case 'video/vp9':
      return Number(offered['profile-id'] ?? 0) === Number(parameters['profile-id'] ?? 0);
    case 'video/av1':
      return Number(offered['profile'] ?? 0) === 0;
    case 'video/rtx':
      return false;
    default:
      return true;
  }
}

/**
 * The profile of a profile-level-id (RFC 6184 §8.1), by default baseline. Baseline counts as constrained baseline: no sender uses what
 * only the full profile has.
 */
function profileOf(id: unknown): string {
  const profile = typeof id === 'number' ? String(id).padStart(6, '0').slice(0, 2) : String(id ?? '42').slice(0, 2);
  return profile.toLowerCase();
}

interface Encoding {
  readonly ssrc: number;
  readonly rtx?: { readonly ssrc: number };
  readonly cname?: string;
}

/** The first source of a section; undefined if it names none. */
function encodingOf(media: OfferedMedia, retransmissions: boolean): Encoding | undefined {
  const named = media.ssrcs?.[0];
  if (named === undefined) return undefined;
  const group = media.ssrcGroups?.find(({ semantics }) => semantics === 'FID');
  const pair = group === undefined ? [] : String(group.ssrcs).split(' ').map(Number);
  const ssrc = pair[0] ?? Number(named.id);
  if ([ssrc, pair[1] ?? ssrc].some((one) => !Number.isInteger(one) || one < 1 || one > MAX_SSRC)) throw badOffer(`The ${media.type} section’s a=ssrc is no number of 32 bits.`);
  const cname = media.ssrcs?.find(({ id, attribute }) => Number(id) === ssrc && attribute === 'cname')?.value;
  return { ssrc, ...(retransmissions && pair[1] !== undefined ? { rtx: { ssrc: pair[1] } } : {}), ...(cname === undefined ? {} : { cname: String(cname) }) };
}
