import type { Viewer } from '../sfu/viewer.ts';
import type { OfferedMedia, ViewerOffer } from './sdp-offer.ts';

/**
 * Writes the answer to a viewer's offer (RFC 8829, RFC 9429): one bundled transport, the SFU as an ICE-lite agent, sections in the
 * order of the offer, those that are not taken rejected.
 *
 * @param stream names the media stream for the viewer
 */
export function writeAnswer(offer: ViewerOffer, viewer: Viewer, stream: string): string {
  const { iceParameters, iceCandidates, dtlsParameters } = viewer.transport;
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256') ?? dtlsParameters.fingerprints[0];
  const transport = [
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:${fingerprint?.algorithm} ${fingerprint?.value}`,
    `a=setup:${offer.setup}`,
    ...iceCandidates.map(
      ({ foundation, protocol, priority, address, port, tcpType }) =>
        `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host${tcpType === undefined ? '' : ` tcptype ${tcpType}`}`,
    ),
    'a=end-of-candidates',
  ];
  const accepted = offer.media.filter((_, i) => i === offer.video || i === offer.data).map(({ mid }) => mid);
  const sections = offer.media.flatMap((media, i) => {
    if (i === offer.video) return videoSection(offer, viewer, stream, transport);
    if (i === offer.data && viewer.dataConsumer !== undefined) return dataSection(media, viewer, transport);
    return [`m=${media.type} 0 ${media.protocol} ${media.payloads ?? '0'}`, 'c=IN IP4 0.0.0.0', ...(media.mid === undefined ? [] : [`a=mid:${media.mid}`]), 'a=inactive'];
  });
  const lines = [
    'v=0',
    `o=framelock ${Date.now()} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${accepted.join(' ')}`,
    'a=ice-lite',
    'a=msid-semantic:WMS *',
    ...sections,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function videoSection({ mid, fmtp }: ViewerOffer, { consumer }: Viewer, stream: string, transport: readonly string[]): string[] {
  const { codecs, encodings, headerExtensions = [], rtcp } = consumer.rtpParameters;
  const [h264, rtx] = codecs;
  const [encoding] = encodings ?? [];
  const ssrcs = [encoding?.ssrc, encoding?.rtx?.ssrc].filter((ssrc) => ssrc !== undefined);
  const types = codecs.map(({ payloadType }) => payloadType);
  return [
    `m=video 9 UDP/TLS/RTP/SAVPF ${types.join(' ')}`,
    ...transport,
    `a=mid:${mid}`,
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=msid:${stream} ${stream}-video`,
    ...headerExtensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    `a=rtpmap:${h264?.payloadType} H264/90000`,
    `a=fmtp:${h264?.payloadType} ${fmtp}`,
    ...(h264?.rtcpFeedback ?? []).map(({ type, parameter }) => `a=rtcp-fb:${h264?.payloadType} ${type}${parameter ? ` ${parameter}` : ''}`),
    ...(rtx === undefined ? [] : [`a=rtpmap:${rtx.payloadType} rtx/90000`, `a=fmtp:${rtx.payloadType} apt=${h264?.payloadType}`]),
    ...(ssrcs.length === 2 ? [`a=ssrc-group:FID ${ssrcs.join(' ')}`] : []),
    ...ssrcs.flatMap((ssrc) => [`a=ssrc:${ssrc} cname:${rtcp?.cname}`, `a=ssrc:${ssrc} msid:${stream} ${stream}-video`]),
  ];
}

/** The SFU opens no channel in band (RFC 8832): the client opens it itself, negotiated, under the identifier that `dcmap` tells (RFC 8864). */
function dataSection(media: OfferedMedia, { dataConsumer, transport: { sctpParameters } }: Viewer, transport: readonly string[]): string[] {
  return [
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...transport,
    `a=mid:${media.mid}`,
    `a=sctp-port:${sctpParameters?.port}`,
    `a=max-message-size:${sctpParameters?.maxMessageSize}`,
    `a=dcmap:${dataConsumer?.sctpStreamParameters?.streamId} label="${dataConsumer?.label}";ordered=false;max-retr=0`,
  ];
}
