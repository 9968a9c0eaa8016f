import type { Socket } from 'node:net';
import { z } from 'zod';
import { Box } from '../annotation.ts';
import { ResolvedModel } from './spec.ts';

/**
 * What stream processes and the detector process say to each other over a unix socket. A message is a JSON header and a payload,
 * each after its length in bytes as uint32, little endian. One connection serves one detector of one stream.
 */

/** `[x, y, width, height]` in pixels of the model's input: where the picture itself lies in it. */
const PixelRect = z.tuple([z.int().min(0), z.int().min(0), z.int().min(1), z.int().min(1)]);
export type PixelRect = z.infer<typeof PixelRect>;

/** Stream process → detector process. */
export const DetectorRequest = z.discriminatedUnion('type', [
  /** Sent first; and again, where opening failed. */
  z.strictObject({ type: z.literal('open'), stream: z.string(), model: ResolvedModel }),
  /** The payload is the model's input picture: planes of red, green and blue, 8 bit, rows from top to bottom. */
  z.strictObject({
    type: z.literal('infer'),
    /** Comes back with the answer. */
    id: z.int().nonnegative(),
    content: PixelRect,
    /** Least score, 0…1; the model's own where absent. */
    threshold: z.number().min(0).max(1).optional(),
    /** Labels that are wanted; all where absent. */
    classes: z.array(z.string()).optional(),
  }),
]);
export type DetectorRequest = z.infer<typeof DetectorRequest>;

/** Detector process → stream process. */
export const DetectorAnswer = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('opened'),
    /** The execution provider that runs the model. */
    provider: z.string(),
    /** Whether frames of several streams can be run together. */
    batches: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('result'),
    id: z.int().nonnegative(),
    /** `box` as fractions of `content`, clipped to it; the highest score first. */
    detections: z.array(z.strictObject({ label: z.string(), score: z.number(), box: Box })),
    /** Milliseconds that the frame waited for the model, and that the model (with what prepares and reads its tensors) took. */
    queueMs: z.number(),
    inferenceMs: z.number(),
    /** Frames that were run together, this one included. */
    batch: z.int().positive(),
  }),
  /** A newer frame took the place of this one while it waited. */
  z.strictObject({ type: z.literal('dropped'), id: z.int().nonnegative() }),
  /** With an id: that frame has no result. Without: the model could not be opened, or the connection is about to be closed. */
  z.strictObject({ type: z.literal('error'), id: z.int().nonnegative().optional(), code: z.string(), message: z.string() }),
]);
export type DetectorAnswer = z.infer<typeof DetectorAnswer>;

/** Bytes of the longest header; one with 10,000 labels fits. */
const MAX_HEADER = 4 << 20;
const LENGTH = 4;

/** The other side broke the rules of this protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

type Stage = 'header length' | 'header' | 'payload length' | 'payload';

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  /** Bytes of the longest payload that is taken. */
  maxPayload: number;
  readonly #take: (header: unknown, payload: Buffer) => void;
  #stage: Stage = 'header length';
  #into = Buffer.alloc(LENGTH);
  #filled = 0;
  #header: unknown;

  /** @param take is called with each message; the payload has memory of its own */
  constructor(maxPayload: number, take: (header: unknown, payload: Buffer) => void) {
    this.maxPayload = maxPayload;
    this.#take = take;
  }

  /** @throws ProtocolError where a length is out of bounds or a header is no JSON; nothing after it can be understood */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || this.#filled === this.#into.length) {
      const copied = chunk.copy(this.#into, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#into.length) return;
      this.#next();
    }
  }

  #next(): void {
    const whole = this.#into;
    switch (this.#stage) {
      case 'header length':
        return this.#expect('header', bounded(whole.readUInt32LE(), MAX_HEADER, 'header'));
      case 'header':
        this.#header = parse(whole);
        return this.#expect('payload length', LENGTH);
      case 'payload length':
        return this.#expect('payload', bounded(whole.readUInt32LE(), this.maxPayload, 'payload'));
      case 'payload':
        this.#expect('header length', LENGTH);
        return this.#take(this.#header, whole);
    }
  }

  #expect(stage: Stage, length: number): void {
    this.#stage = stage;
    // Memory that is not part of Node's pool can be handed to another thread.
    this.#into = Buffer.allocUnsafeSlow(length);
    this.#filled = 0;
  }
}

function bounded(length: number, most: number, what: string): number {
  if (length <= most) return length;
  throw new ProtocolError(`A ${what} of ${length} bytes is longer than the ${most} that are allowed`);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw new ProtocolError('A header is no JSON', { cause });
  }
}

/**
 * Writes one message.
 *
 * @param written is called once the payload's memory may be used again, also when the connection broke
 */
export function writeMessage(socket: Socket, header: object, payload?: Buffer, written?: () => void): void {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.allocUnsafe(LENGTH + json.length + LENGTH);
  head.writeUInt32LE(json.length, 0);
  json.copy(head, LENGTH);
  head.writeUInt32LE(payload?.length ?? 0, LENGTH + json.length);
  socket.cork();
  socket.write(head);
  if (payload !== undefined) socket.write(payload, () => written?.());
  socket.uncork();
}
