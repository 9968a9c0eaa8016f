import { z } from 'zod';
import { Problem, Variant } from '../pipeline/media/info.ts';
import {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  IceServer,
  RtpCapabilities,
  RtpParameters,
  SctpParameters,
  SctpStreamParameters,
} from './rtc-schema.ts';

/** The version that both sides send in their first message. */
export const PROTOCOL_VERSION = 1;

/** Path of the WebSocket. */
export const SIGNALING_PATH = '/signaling';

/** The label of the data channel that carries annotation messages. */
export const ANNOTATIONS_LABEL = 'annotations';

/** Chosen by the client, counting up; the answer or error carries it. */
const Request = z.number().int().nonnegative();

/** Identifies one watched variant of one stream within a signalling session; assigned by the server. */
const Watch = z.string().min(1).max(64);

/** Milliseconds since the epoch, with fractions. */
const Time = z.number();

/** The state of a stream (docs/lifecycle.md). */
export const StreamState = z.enum(['idle', 'connecting', 'live', 'stalled', 'retrying', 'failed', 'stopped']);
export type StreamState = z.infer<typeof StreamState>;

/** Why a request was refused. The code is for programs; the message beside it is for people. */
export const ErrorCode = z.enum([
  /** Not JSON, or not a message of this protocol. */
  'bad-message',
  /** The client speaks another version. */
  'unsupported-version',
  /** `hello` was not the first message, or came twice. */
  'out-of-order',
  /** The page's origin may not use the server, or the token is missing or wrong. */
  'forbidden',
  'stream-not-found',
  /** No such watch in this signalling session. */
  'watch-not-found',
  /** Too many watches in this signalling session. */
  'too-many-watches',
  /** The client can't decode the stream. */
  'no-common-codec',
  /** The stream has no sound right now. */
  'no-audio',
  /** The transport is connected already, or the parameters don't fit it. */
  'transport-refused',
  /** The server can't do it right now; a later attempt may succeed. */
  'unavailable',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Client → server. */
export const ClientMessage = z.discriminatedUnion('type', [
  /** The first message on every socket. With `resume`, the signalling session of an earlier socket continues, with all its watches. */
  z.strictObject({ type: z.literal('hello'), v: z.number().int(), resume: z.string().max(128).optional() }),
  /** Opens a transport for this variant's video and the stream's annotations. */
  z.strictObject({
    type: z.literal('watch'),
    request: Request,
    stream: z.string().max(128),
    variant: Variant,
    /** What the client can receive: mediasoup-client's `device.recvRtpCapabilities` (older: `rtpCapabilities`). */
    rtpCapabilities: RtpCapabilities,
    /** The client can read packed annotations, which are smaller and repeated against loss; `dataConsumer.protocol` says if they are sent. */
    packed: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('connect-transport'), request: Request, watch: Watch, dtlsParameters: DtlsParameters }),
  /** Starts video, with a key frame. May follow `connect-transport` without waiting for its answer. */
  z.strictObject({ type: z.literal('resume-consumer'), request: Request, watch: Watch }),
  /** Stops video and audio until the next `resume-consumer`; annotations continue. */
  z.strictObject({ type: z.literal('pause-consumer'), request: Request, watch: Watch }),
  /**
   * Sets the preferred spatial layer of an SVC consumer: 0 is the smallest; the consumer's `scalabilityMode` says how many there are. No larger one is sent from now on;
   * bandwidth can lower it further. Without effect on other consumers.
   */
  z.strictObject({ type: z.literal('set-preferred-layers'), request: Request, watch: Watch, spatialLayer: z.number().int().min(0).max(7) }),
  /** Requests new ICE credentials, for a client whose network changed. */
  z.strictObject({ type: z.literal('restart-ice'), request: Request, watch: Watch }),
  /** Adds audio. A client that shows a stream muted does not need it. */
  z.strictObject({ type: z.literal('listen'), request: Request, watch: Watch }),
  z.strictObject({ type: z.literal('unlisten'), request: Request, watch: Watch }),
  z.strictObject({ type: z.literal('unwatch'), request: Request, watch: Watch }),
  /** `sent` is returned unchanged, whatever the client's clock. */
  z.strictObject({ type: z.literal('ping'), sent: Time }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Server → client. */
export const ServerMessage = z.discriminatedUnion('type', [
  /** The answer to `hello`. */
  z.strictObject({
    type: z.literal('welcome'),
    v: z.literal(PROTOCOL_VERSION),
    session: z.string(),
    /** Secret. Resumes this signalling session until `resumeWithinMs` after its socket has closed. */
    resumeToken: z.string(),
    resumeWithinMs: z.number(),
    /** Whether the signalling session of `resume` continues. If false, everything must be watched again. */
    resumed: z.boolean(),
    /** The watches of this signalling session; empty unless resumed. Others that the client has are gone. */
    watches: z.array(Watch),
    serverTime: Time,
    /** The server sends a WebSocket ping this often and closes a socket that misses two; a client should send `ping` as often. */
    heartbeatMs: z.number(),
    iceServers: z.array(IceServer),
    /** For mediasoup-client's `device.load({ routerRtpCapabilities })`. */
    rtpCapabilities: RtpCapabilities,
  }),
  /** The answer to `watch`: the arguments of `createRecvTransport`, `consume` and `consumeData`. The consumer starts paused. */
  z.strictObject({
    type: z.literal('watching'),
    request: Request,
    watch: Watch,
    stream: z.string(),
    variant: Variant,
    transport: z.strictObject({
      id: z.string(),
      iceParameters: IceParameters,
      iceCandidates: z.array(IceCandidate),
      dtlsParameters: DtlsParameters,
      sctpParameters: SctpParameters,
    }),
    consumer: z.strictObject({
      id: z.string(),
      producerId: z.string(),
      kind: z.literal('video'),
      rtpParameters: RtpParameters,
    }),
    dataConsumer: z.strictObject({
      id: z.string(),
      dataProducerId: z.string(),
      label: z.literal(ANNOTATIONS_LABEL),
      protocol: z.string(),
      sctpStreamParameters: SctpStreamParameters,
    }),
  }),
  /** The answer to `listen`: the arguments of `consume`, on the transport of the watch. */
  z.strictObject({
    type: z.literal('listening'),
    request: Request,
    watch: Watch,
    consumer: z.strictObject({ id: z.string(), producerId: z.string(), kind: z.literal('audio'), rtpParameters: RtpParameters }),
  }),
  /** The answer to `restart-ice`. */
  z.strictObject({ type: z.literal('ice-restarted'), request: Request, watch: Watch, iceParameters: IceParameters }),
  /** The answer to every other request that succeeded. */
  z.strictObject({ type: z.literal('ok'), request: Request }),
  z.strictObject({ type: z.literal('pong'), sent: Time, serverTime: Time }),
  /** The state of a watched stream: after `watching`, after a resume, and whenever it changes. */
  z.strictObject({
    type: z.literal('state'),
    stream: z.string(),
    state: StreamState,
    problem: Problem.optional(),
    /** Start of the next attempt. */
    retryAt: Time.optional(),
    /** Whether the stream has audio. */
    audio: z.boolean(),
    /** Changes with the drawing settings: `overlay`, `zones` and `lines` of `GET /api/streams/:id`. */
    drawing: z.string().optional(),
  }),
  /** The audio of this watch has ended; its video continues. `listen` again when `state` reports audio. */
  z.strictObject({ type: z.literal('silent'), watch: Watch }),
  /** This watch has ended on the server and its transport is closed. Watch again at once. */
  z.strictObject({ type: z.literal('reset'), watch: Watch, reason: z.enum(['worker-died', 'transport-closed', 'source-changed']) }),
  /** This watch has ended because the stream was removed. Watching again is refused with `stream-not-found` until it is added again. */
  z.strictObject({ type: z.literal('gone'), watch: Watch, stream: z.string() }),
  /** With `request`: that request was refused and changed nothing. Without: the message was invalid. */
  z.strictObject({ type: z.literal('error'), request: Request.optional(), code: ErrorCode, message: z.string() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/** Why the server closes a socket (WebSocket close codes of the private range, RFC 6455 §7.4.2). */
export const CloseCode = {
  /** Three invalid messages in a row, or one before `hello`. Reconnecting won't help. */
  protocol: 4400,
  /** Not allowed. Reconnecting won't help without another token. */
  forbidden: 4403,
  /** Two heartbeats in a row were missed. */
  heartbeat: 4408,
  /** Another socket resumed this signalling session. */
  replaced: 4409,
  /** The server is shutting down. Reconnect with back-off; the session can't be resumed. */
  shutdown: 4503,
} as const;
