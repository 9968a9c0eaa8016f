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

/** The version that both sides say in their first message. */
export const PROTOCOL_VERSION = 1;

/** Where the WebSocket is. */
export const SIGNALING_PATH = '/signaling';

/** The label of the data channel that carries annotation messages. */
export const ANNOTATIONS_LABEL = 'annotations';

/** CONTRACT.md: what a stream's id looks like. */
export const StreamId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** Chosen by the client, counts up; the answer (or the error) carries it. */
const Request = z.number().int().nonnegative();

/** Names one watched variant of one stream inside a signalling session; given by the server. */
const Watch = z.string().min(1).max(64);

/** Milliseconds since the epoch, with fractions. */
const Time = z.number();

/** Where a stream stands (CONTRACT.md). */
export const StreamState = z.enum(['idle', 'connecting', 'live', 'stalled', 'retrying', 'failed', 'stopped']);
export type StreamState = z.infer<typeof StreamState>;

/** Why something was refused. The sentence beside it is for people, the code for programs. */
export const ErrorCode = z.enum([
  /** Not JSON, or not a message of this protocol. */
  'bad-message',
  /** The client speaks another version. */
  'unsupported-version',
  /** `hello` was not the first message, or came twice. */
  'out-of-order',
  /** This page may not connect from where it is, or the token is wrong. */
  'forbidden',
  'stream-not-found',
  /** No such watch in this signalling session. */
  'watch-not-found',
  /** Too many watches in this signalling session. */
  'too-many-watches',
  /** The client can't decode what the stream is made of. */
  'no-common-codec',
  /** The stream has no sound right now. */
  'no-audio',
  /** The transport is connected already, or what was sent doesn't fit it. */
  'transport-refused',
  /** The server can't do it right now; trying again later may help. */
  'unavailable',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Client → server. */
export const ClientMessage = z.discriminatedUnion('type', [
  /** The first message on every socket. With `resume`, the signalling session of an earlier socket goes on with all its watches. */
  z.strictObject({ type: z.literal('hello'), v: z.number().int(), resume: z.string().max(128).optional() }),
  /** Open a transport that carries this variant's video and the stream's annotations. */
  z.strictObject({
    type: z.literal('watch'),
    request: Request,
    stream: z.string().max(128),
    variant: Variant,
    /** What the client can receive: mediasoup-client's `device.recvRtpCapabilities` (older: `rtpCapabilities`). */
    rtpCapabilities: RtpCapabilities,
    /** Annotations may come packed, as `dataConsumer.protocol` then says: smaller, and with a repetition against loss. */
    packed: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('connect-transport'), request: Request, watch: Watch, dtlsParameters: DtlsParameters }),
  /** Video starts, beginning with a key frame. May follow `connect-transport` at once, without waiting for its answer. */
  z.strictObject({ type: z.literal('resume-consumer'), request: Request, watch: Watch }),
  /** No video and no sound are sent until the next `resume-consumer`; annotations go on. */
  z.strictObject({ type: z.literal('pause-consumer'), request: Request, watch: Watch }),
  /**
   * Sets the preferred spatial layer of an SVC consumer: 0 is the smallest; the consumer's `scalabilityMode` says how many there are. No larger one is sent from now on;
   * bandwidth can lower it further. Without effect on other consumers.
   */
  z.strictObject({ type: z.literal('set-preferred-layers'), request: Request, watch: Watch, spatialLayer: z.number().int().min(0).max(7) }),
  /** New ICE credentials, for a client whose network changed. */
  z.strictObject({ type: z.literal('restart-ice'), request: Request, watch: Watch }),
  /** Sound too, from now on. A client that shows a stream muted does not ask for it. */
  z.strictObject({ type: z.literal('listen'), request: Request, watch: Watch }),
  z.strictObject({ type: z.literal('unlisten'), request: Request, watch: Watch }),
  z.strictObject({ type: z.literal('unwatch'), request: Request, watch: Watch }),
  /** `sent` comes back as it was, whatever the client's clock is. */
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
    /** Secret. Good for this signalling session until `resumeWithinMs` after its socket is gone. */
    resumeToken: z.string(),
    resumeWithinMs: z.number(),
    /** Whether the signalling session that `resume` asked for goes on. False: everything has to be watched again. */
    resumed: z.boolean(),
    /** The watches that this signalling session has: empty unless resumed. What a client has beside these is gone. */
    watches: z.array(Watch),
    serverTime: Time,
    /** The server sends a WebSocket ping this often and closes a socket that misses two; a client should send `ping` as often. */
    heartbeatMs: z.number(),
    iceServers: z.array(IceServer),
    /** For mediasoup-client's `device.load({ routerRtpCapabilities })`. */
    rtpCapabilities: RtpCapabilities,
  }),
  /** The answer to `watch`: everything for `createRecvTransport`, `consume` and `consumeData`. The consumer starts paused. */
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
  /** The answer to `listen`: everything for `consume`, by the transport of the watch. */
  z.strictObject({
    type: z.literal('listening'),
    request: Request,
    watch: Watch,
    consumer: z.strictObject({ id: z.string(), producerId: z.string(), kind: z.literal('audio'), rtpParameters: RtpParameters }),
  }),
  /** The answer to `restart-ice`. */
  z.strictObject({ type: z.literal('ice-restarted'), request: Request, watch: Watch, iceParameters: IceParameters }),
  /** The answer to everything else that carries a `request` and went well. */
  z.strictObject({ type: z.literal('ok'), request: Request }),
  z.strictObject({ type: z.literal('pong'), sent: Time, serverTime: Time }),
  /** State of a watched stream: once after `watching`, once after a resume, and whenever it changes. */
  z.strictObject({
    type: z.literal('state'),
    stream: z.string(),
    state: StreamState,
    problem: Problem.optional(),
    /** When the next attempt starts. */
    retryAt: Time.optional(),
    /** Whether there is something to `listen` to. */
    audio: z.boolean(),
    /** Another one than before: what is drawn upon the stream (`overlay`, `zones`, `lines` of `GET /api/streams/:id`) has changed. */
    drawing: z.string().optional(),
  }),
  /** What this watch heard has ended, while its video goes on. `listen` again when `state` says that there is sound. */
  z.strictObject({ type: z.literal('silent'), watch: Watch }),
  /** This watch ended on the server; its transport is dead. Watch again at once. */
  z.strictObject({ type: z.literal('reset'), watch: Watch, reason: z.enum(['worker-died', 'transport-closed', 'source-changed']) }),
  /** This watch ended because the stream was removed. Watching again gives `stream-not-found` until it is added again. */
  z.strictObject({ type: z.literal('gone'), watch: Watch, stream: z.string() }),
  /** With `request`: that one was refused and changed nothing. Without: the message as such was wrong. */
  z.strictObject({ type: z.literal('error'), request: Request.optional(), code: ErrorCode, message: z.string() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

/** Why the server closes a socket (WebSocket close codes of the private range, RFC 6455 §7.4.2). */
export const CloseCode = {
  /** Not a message of this protocol, three times in a row or before `hello`. Reconnecting won't help. */
  protocol: 4400,
  /** Not allowed. Reconnecting won't help without another token. */
  forbidden: 4403,
  /** Two heartbeats in a row were missed. */
  heartbeat: 4408,
  /** Another socket resumed this signalling session. */
  replaced: 4409,
  /** The server ends. Come back with back-off; nothing can be resumed. */
  shutdown: 4503,
} as const;
