import type { Consumer } from 'mediasoup/types';
import type { Viewer } from '../sfu/viewer.ts';
import type { OfferedAudio, ViewerOffer } from './sdp-offer.ts';
import type { OfferedMedia } from './sdp-session.ts';
import { codecLines, writeSession } from './sdp-writer.ts';

/**
 * Writes the answer to a viewer's offer.
 * @param stream names the media stream for the viewer
 */
export function writeAnswer(offer: ViewerOffer, viewer: Viewer, stream: string): string {
  return writeSession(offer, viewer.transport, (media, index, transport) => {
    if (index === offer.video) return videoSection(offer, viewer, stream, transport);
    if (index === offer.audio?.index && viewer.audio !== undefined) return audioSection(offer.audio, viewer.audio, stream, transport);
    return index === offer.data && viewer.dataConsumer !== undefined ? dataSection(media, viewer, transport) : undefined;
  });
}

function videoSection({ mid, fmtp, payloadTypes }: ViewerOffer, { consumer }: Viewer, stream: string, transport: readonly string[]): string[] {
  const { codecs, encodings, headerExtensions = [], rtcp } = consumer.rtpParameters;
  const [codec, rtx] = codecs;
  const [encoding] = encodings ?? [];
  const ssrcs = [encoding?.ssrc, encoding?.rtx?.ssrc].filter((ssrc) => ssrc !== undefined);
  return [
    `m=video 9 UDP/TLS/RTP/SAVPF ${codecs.map(({ payloadType }) => payloadType).join(' ')}`,
    ...transport,
    `a=mid:${mid}`,
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=msid:${stream} ${stream}-video`,
    ...headerExtensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...codecLines({ payloadType: codec!.payloadType, name: `${payloadTypes.codec}/90000`, fmtp, feedback: codec!.rtcpFeedback ?? [] }),
    ...(rtx === undefined ? [] : codecLines({ payloadType: rtx.payloadType, name: 'rtx/90000', fmtp: `apt=${codec!.payloadType}`, feedback: [] })),
    ...(ssrcs.length === 2 ? [`a=ssrc-group:FID ${ssrcs.join(' ')}`] : []),
    ...ssrcs.flatMap((ssrc) => [`a=ssrc:${ssrc} cname:${rtcp?.cname}`, `a=ssrc:${ssrc} msid:${stream} ${stream}-video`]),
  ];
}

/** Uses the media stream and CNAME of the video, so that a receiver synchronises the two (RFC 8830, RFC 3550 §6.5.1). */
function audioSection({ mid, fmtp }: OfferedAudio, { rtpParameters }: Consumer, stream: string, transport: readonly string[]): string[] {
  const { codecs, encodings, headerExtensions = [], rtcp } = rtpParameters;
  const { payloadType, rtcpFeedback = [] } = codecs[0]!;
  const ssrc = encodings?.[0]?.ssrc;
  return [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    ...transport,
    `a=mid:${mid}`,
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    `a=msid:${stream} ${stream}-audio`,
    ...headerExtensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...codecLines({ payloadType, name: 'opus/48000/2', fmtp, feedback: rtcpFeedback }),
    `a=ssrc:${ssrc} cname:${rtcp?.cname}`,
    `a=ssrc:${ssrc} msid:${stream} ${stream}-audio`,
  ];
}

/** The SFU does not support DCEP (RFC 8832): the client opens a negotiated channel with the identifier in `dcmap` (RFC 8864). */
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
