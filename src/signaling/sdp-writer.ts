import type { IceCandidate, WebRtcTransport } from 'mediasoup/types';
import type { OfferedMedia, OfferedSession } from './sdp-session.ts';

/** One codec of a section of an answer. */
export interface AnsweredCodec {
  readonly payloadType: number;
  /** Name, clock rate and channels: `H264/90000`. */
  readonly name: string;
  readonly fmtp: string;
  readonly feedback: readonly { readonly type: string; readonly parameter?: string | undefined }[];
}

/**
 * Writes an answer (RFC 8829, RFC 9429): one bundled transport, the SFU as an ICE-lite agent, and the sections in the order of the offer.
 *
 * @param section returns the lines of a section after the transport's; undefined to reject it
 */
export function writeSession(
  { media, setup }: OfferedSession,
  transport: WebRtcTransport,
  section: (media: OfferedMedia, index: number, transport: readonly string[]) => string[] | undefined,
): string {
  const shared = transportLines(transport, setup);
  const answered = media.map((one, index) => ({ media: one, lines: section(one, index, shared) }));
  const accepted = answered.filter(({ lines }) => lines !== undefined).map(({ media: { mid } }) => mid);
  const lines = [
    'v=0',
    `o=framelock ${Date.now()} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${accepted.join(' ')}`,
    'a=ice-lite',
    'a=msid-semantic:WMS *',
    ...answered.flatMap((one) => one.lines ?? rejected(one.media)),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export function candidateLines(candidates: readonly IceCandidate[]): string[] {
  return [
    ...candidates.map(
      ({ foundation, protocol, priority, address, port, tcpType }) =>
        `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host${tcpType === undefined ? '' : ` tcptype ${tcpType}`}`,
    ),
    'a=end-of-candidates',
  ];
}

export function codecLines({ payloadType, name, fmtp, feedback }: AnsweredCodec): string[] {
  return [
    `a=rtpmap:${payloadType} ${name}`,
    ...(fmtp === '' ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
    ...feedback.map(({ type, parameter }) => `a=rtcp-fb:${payloadType} ${type}${parameter ? ` ${parameter}` : ''}`),
  ];
}

function transportLines({ iceParameters, iceCandidates, dtlsParameters }: WebRtcTransport, setup: string): string[] {
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? dtlsParameters.fingerprints[0];
  return [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:${fingerprint?.algorithm} ${fingerprint?.value}`,
    `a=setup:${setup}`,
    ...candidateLines(iceCandidates),
  ];
}

function rejected({ type, protocol, payloads, mid }: OfferedMedia): string[] {
  return [`m=${type} 0 ${protocol} ${payloads ?? '0'}`, 'c=IN IP4 0.0.0.0', ...(mid === undefined ? [] : [`a=mid:${mid}`]), 'a=inactive'];
}
