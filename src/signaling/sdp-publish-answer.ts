import type { Publisher } from '../sfu/publisher.ts';
import type { PublishedMedia, PublishOffer } from './sdp-publish-offer.ts';
import { codecLines, writeSession } from './sdp-writer.ts';

/**
 * Start bitrate for libwebrtc (Chromium, Safari, Firefox; others ignore it), in kbit/s. Its default is 300, with which it sends small pictures until it has measured
 * that more gets through.
 */
const START_BITRATE = 'x-google-start-bitrate=1500';

/** Writes the answer to a publisher's offer. Of several encodings (simulcast, RFC 8853) it accepts the first, by not mentioning them. */
export function writePublishAnswer(offer: PublishOffer, publisher: Publisher): string {
  const { publishedVideo, publishedAudio } = offer;
  return writeSession(offer, publisher.transport, (media, index, transport) => {
    const published = [publishedVideo, publishedAudio].find((one) => one?.index === index);
    return published === undefined ? undefined : section(media.type, published, transport);
  });
}

function section(type: string, { mid, name, fmtp, rtpParameters }: PublishedMedia, transport: readonly string[]): string[] {
  const { codecs, headerExtensions = [] } = rtpParameters;
  const [codec, rtx] = codecs;
  return [
    `m=${type} 9 UDP/TLS/RTP/SAVPF ${codecs.map(({ payloadType }) => payloadType).join(' ')}`,
    ...transport,
    `a=mid:${mid}`,
    'a=recvonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...headerExtensions.map(({ id, uri }) => `a=extmap:${id} ${uri}`),
    ...codecLines({ payloadType: codec!.payloadType, name, fmtp: type === 'video' ? [fmtp, START_BITRATE].filter(Boolean).join(';') : fmtp, feedback: codec!.rtcpFeedback ?? [] }),
    ...(rtx === undefined ? [] : codecLines({ payloadType: rtx.payloadType, name: 'rtx/90000', fmtp: `apt=${codec!.payloadType}`, feedback: [] })),
  ];
}
