import { z } from 'zod';

/**
 * The parameters that mediasoup and mediasoup-client exchange. What a client sends is bounded here before mediasoup sees it; what the
 * server sends has mediasoup-client's types, so that a page can pass it on unchanged.
 */

/** Longest token accepted where the specification sets no bound. */
const Text = z.string().max(256);

const MediaKind = z.enum(['audio', 'video']);

const CodecParameters = z.record(Text, z.union([Text, z.number()]));

const RtcpFeedback = z.object({ type: Text, parameter: Text.optional() });

/** The URIs in mediasoup-client's types; others that a client offers are ignored. */
const HeaderExtensionUri = z.enum([
  'urn:ietf:params:rtp-hdrext:sdes:mid',
  'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension',
  'urn:3gpp:video-orientation',
  'urn:ietf:params:rtp-hdrext:toffset',
  'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time',
  'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'urn:mediasoup:params:rtp-hdrext:packet-id',
]);

const RtpCodecCapability = z.object({
  kind: MediaKind,
  mimeType: z.string().max(64).regex(/^(audio|video)\/.+/i),
  preferredPayloadType: z.number().int().min(0).max(127),
  clockRate: z.number().int().positive(),
  channels: z.number().int().positive().max(255).optional(),
  parameters: CodecParameters.optional(),
  rtcpFeedback: z.array(RtcpFeedback).max(32).optional(),
});

/** What one side can receive or forward (ORTC RTCRtpCapabilities). */
export const RtpCapabilities = z.object({
  codecs: z.array(RtpCodecCapability).max(128),
  headerExtensions: z
    .array(
      z.object({
        kind: MediaKind,
        uri: Text,
        preferredId: z.number().int().min(1).max(255),
        preferredEncrypt: z.boolean().optional(),
        direction: z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']).optional(),
      }),
    )
    .max(64),
});
export type RtpCapabilities = z.infer<typeof RtpCapabilities>;

/** The RTP of one consumer (ORTC RTCRtpParameters). */
export const RtpParameters = z.object({
  mid: Text.optional(),
  msid: Text.optional(),
  codecs: z.array(
    z.object({
      mimeType: Text,
      payloadType: z.number().int().min(0).max(127),
      clockRate: z.number().int().positive(),
      channels: z.number().int().positive().optional(),
      parameters: CodecParameters.optional(),
      rtcpFeedback: z.array(RtcpFeedback).optional(),
    }),
  ),
  headerExtensions: z
    .array(
      z.object({
        uri: HeaderExtensionUri,
        id: z.number().int().min(1).max(255),
        encrypt: z.boolean().optional(),
        parameters: CodecParameters.optional(),
      }),
    )
    .optional(),
  encodings: z
    .array(
      z.object({
        ssrc: z.number().int().optional(),
        rtx: z.object({ ssrc: z.number().int() }).optional(),
        dtx: z.boolean().optional(),
        scalabilityMode: Text.optional(),
        maxBitrate: z.number().optional(),
      }),
    )
    .optional(),
  rtcp: z.object({ cname: Text.optional(), reducedSize: z.boolean().optional() }).optional(),
});
export type RtpParameters = z.infer<typeof RtpParameters>;

/** RFC 8122 fingerprints and the DTLS role of the side that sends them. */
export const DtlsParameters = z.object({
  role: z.enum(['auto', 'client', 'server']).optional(),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().max(200).regex(/^[0-9a-f]{2}(:[0-9a-f]{2})+$/i),
      }),
    )
    .min(1)
    .max(16),
});
export type DtlsParameters = z.infer<typeof DtlsParameters>;

/** RFC 8445 credentials of the server, which is an ICE-lite agent. */
export const IceParameters = z.object({ usernameFragment: Text, password: Text, iceLite: z.boolean().optional() });
export type IceParameters = z.infer<typeof IceParameters>;

/** One address that the server listens on. */
export const IceCandidate = z.object({
  foundation: Text,
  priority: z.number().int().nonnegative(),
  /** The same as `address`; mediasoup sends both. */
  ip: Text,
  address: Text,
  protocol: z.enum(['udp', 'tcp']),
  port: z.number().int().min(1).max(65_535),
  type: z.enum(['host', 'srflx', 'prflx', 'relay']),
  tcpType: z.enum(['active', 'passive', 'so']).optional(),
});
export type IceCandidate = z.infer<typeof IceCandidate>;

/** A STUN or TURN server for the client, in the form of the browser's `RTCIceServer`. */
export const IceServer = z.strictObject({
  urls: z.union([z.string(), z.array(z.string())]),
  username: z.string().optional(),
  credential: z.string().optional(),
});
export type IceServer = z.infer<typeof IceServer>;

/** RFC 8841 parameters of the server's SCTP association. */
export const SctpParameters = z.object({
  port: z.number().int(),
  maxSendMessageSize: z.number().int(),
  maxReceiveMessageSize: z.number().int(),
});
export type SctpParameters = z.infer<typeof SctpParameters>;

/** One direction of one data channel (RFC 8831), negotiated here instead of by DCEP. */
export const SctpStreamParameters = z.object({
  streamId: z.number().int().nonnegative(),
  ordered: z.boolean().optional(),
  maxRetransmits: z.number().int().nonnegative().optional(),
  maxPacketLifeTime: z.number().int().nonnegative().optional(),
});
export type SctpStreamParameters = z.infer<typeof SctpStreamParameters>;
