import { z } from 'zod';

/**
 * What a worker, a program that runs somebody's algorithm, and this server say to each other over a WebSocket at `/detectors/NAME`:
 * docs/detector-protocol.md. Texts are one JSON object each; frames are binary, see `encodeFrame`.
 */
export const SUBPROTOCOL = 'framelock.detector.v1';

/** What workers must keep to. */
export const LIMITS = {
  /** Bytes of one message from a worker. */
  messageBytes: 1 << 20,
  /** Detections of one frame. */
  detections: 1000,
  /** Characters of a label. */
  labelLength: 100,
  /** Frames that a worker may have at a time. */
  credits: 4,
  /** Pixels of a picture's longer side. */
  side: 3840,
  /** Frames a second. */
  fps: 240,
  /** Milliseconds that a worker may take for a frame. */
  frameMs: 10_000,
  /** Milliseconds until its `hello`. */
  helloMs: 10_000,
  /** Messages in a row that are not of this protocol. */
  mistakes: 10,
  /** Workers of one detector. */
  workers: 16,
} as const;

/** Why a worker's socket was closed (RFC 6455 §7.4.2: 4000…4999 are an application's own). */
export const CloseCode = {
  /** The server ends. */
  shutdown: 1001,
  /** No or wrong `hello`, or too many messages that are not of this protocol. */
  protocol: 4400,
  /** The detector is gone. */
  gone: 4404,
  /** A frame was not answered in time, or nothing was heard. */
  timeout: 4408,
  /** There are too many workers of this name. */
  full: 4429,
} as const;

const side = z.int().min(16).max(LIMITS.side);

/** How frames are given to an algorithm. */
export const FrameChoice = z.strictObject({
  /** `jpeg`, or `rgb`: 8 bit, packed, rows from top to bottom without filling. */
  format: z.enum(['jpeg', 'rgb']).default('jpeg').meta({ description: '`jpeg`, or `rgb`: 3 bytes a pixel, rows from top to bottom without filling.' }),
  width: side.default(1280).meta({ description: 'Most pixels from left to right.' }),
  height: side.default(1280).meta({ description: 'Most pixels from top to bottom.' }),
  resize: z
    .enum(['fit', 'stretch'])
    .default('fit')
    .meta({ description: '`fit`: made smaller until it fits, aspect kept, never made larger. `stretch`: exactly this size.' }),
  quality: z.int().min(1).max(100).default(80).meta({ description: 'Of JPEG.' }),
});
export type FrameChoice = z.infer<typeof FrameChoice>;

const credits = z.int().min(1).max(LIMITS.credits).default(1).meta({ description: 'Frames that may be under way at a time.' });

/** A detector that is asked by HTTP: its wishes stand in the definition. */
export const HttpChoice = z.strictObject({ ...FrameChoice.shape, credits });
export type HttpChoice = z.infer<typeof HttpChoice>;

/** The first message of a worker: its wishes. */
export const Hello = z.strictObject({
  type: z.literal('hello'),
  ...FrameChoice.shape,
  credits,
  fps: z.number().gt(0).max(LIMITS.fps).optional().meta({ description: 'Most frames a second; left out, every one that it has time for.' }),
});
export type Hello = z.infer<typeof Hello>;

/** One thing that an algorithm saw. */
export const SeenObject = z.strictObject({
  label: z.string().min(1).max(LIMITS.labelLength),
  score: z.number().min(0).max(1).default(1).meta({ description: 'Confidence.' }),
  box: z
    .tuple([z.number().min(-1).max(2), z.number().min(-1).max(2), z.number().min(0).max(3), z.number().min(0).max(3)])
    .meta({ description: '`[x, y, width, height]`, top left, as fractions of the picture that was given; what lies outside of it is cut off.' }),
});
export type SeenObject = z.infer<typeof SeenObject>;

const detections = z.array(SeenObject).max(LIMITS.detections);
const frame = { stream: z.string().min(1).max(100), seq: z.int().min(0).max(0xffff_ffff) };

/** What an algorithm saw on a frame. */
export const Result = z.strictObject({ type: z.literal('result'), ...frame, detections });

/** A frame gets no result, and the worker is free for the next. */
export const Failed = z.strictObject({ type: z.literal('failed'), ...frame, message: z.string().max(1000).optional() });

/** Worker → server. */
export const WorkerMessage = z.discriminatedUnion('type', [Hello, Result, Failed]);
export type WorkerMessage = z.infer<typeof WorkerMessage>;

/** The body of the answer of a detector that is asked by HTTP. */
export const HttpResult = z.strictObject({ detections });

/** Goes before the picture in a binary message; in HTTP, it is the header field `Framelock-Frame`. */
export const FrameHeader = z.strictObject({
  type: z.literal('frame'),
  ...frame,
  rtp: z.int().min(0).max(0xffff_ffff).meta({ description: 'RTP timestamp of the frame, 90 kHz ticks.' }),
  capturedAt: z.number().meta({ description: 'When the frame was captured: milliseconds since the epoch.' }),
  format: FrameChoice.shape.format.unwrap(),
  width: z.int().min(1).max(LIMITS.side).meta({ description: 'Pixels of the picture that follows.' }),
  height: z.int().min(1).max(LIMITS.side),
  source: z.strictObject({ width: z.int().min(1), height: z.int().min(1) }).meta({ description: 'Pixels of the frame that the picture was made from.' }),
  region: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .meta({ description: 'The part of the frame that the picture shows: `[x, y, width, height]` as fractions of the frame.' }),
});
export type FrameHeader = z.infer<typeof FrameHeader>;

/** One wrong value of a worker's message. */
export const WrongField = z.strictObject({ path: z.string().meta({ description: 'Such as `detections[3].box[2]`.' }), message: z.string() });
export type WrongField = z.infer<typeof WrongField>;

/** Server → worker, as text. */
export const ServerMessage = z.discriminatedUnion('type', [
  /** Answers `hello`; frames follow. */
  z.strictObject({
    type: z.literal('welcome'),
    detector: z.string(),
    format: FrameChoice.shape.format.unwrap(),
    credits: z.int(),
    limits: z.strictObject({ messageBytes: z.int(), detections: z.int(), labelLength: z.int(), frameMs: z.int() }),
  }),
  /** A message was not taken. */
  z.strictObject({
    type: z.literal('error'),
    code: z.enum(['no-json', 'invalid', 'out-of-order', 'unknown-frame']),
    message: z.string(),
    errors: z.array(WrongField),
  }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;

const LENGTH = 4;

/** A binary message: the header's length in bytes as uint32, little endian; the header as JSON; the picture. */
export function encodeFrame(header: FrameHeader, picture: Buffer): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.allocUnsafe(LENGTH);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, picture]);
}
