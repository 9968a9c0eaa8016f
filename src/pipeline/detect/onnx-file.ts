import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { DetectError } from './detect-error.ts';

/**
 * Reads what an ONNX file says about itself, without its graph. ONNX Runtime's binding gives no access to it. The file is one
 * protobuf message, `ModelProto` (onnx.proto), whose fields are walked here one by one.
 */

/** Field numbers of `ModelProto` and of its `StringStringEntryProto`. */
const IR_VERSION = 1;
const GRAPH = 7;
const METADATA = 14;
const ENTRY_KEY = 1;
const ENTRY_VALUE = 2;

/** Wire types of protobuf. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const MAX_FIELDS = 100_000;
const MAX_ENTRY = 1 << 20;
/** Bytes of the longest tag and length together. */
const HEAD = 20;

/**
 * @returns the file's metadata: key → value
 * @throws DetectError `model-missing`, or `model-invalid` where the file is no ONNX file or is cut off
 */
export async function readMetadata(path: string): Promise<Record<string, string>> {
  const name = basename(path);
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw new DetectError('model-missing', `${path} can't be opened: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  try {
    const size = (await file.stat()).size;
    return await walk(file, size, name);
  } catch (error) {
    if (error instanceof DetectError) throw error;
    throw new DetectError('model-invalid', `${name} can't be read as an ONNX file`, { cause: error });
  } finally {
    await file.close();
  }
}

async function walk(file: FileHandle, size: number, name: string): Promise<Record<string, string>> {
  const metadata: Record<string, string> = {};
  const seen = new Set<number>();
  const noOnnx = (): DetectError => new DetectError('model-invalid', `${name} is not an ONNX file`);
  let at = 0;
  for (let fields = 0; at < size; fields += 1) {
    const head = await bytes(file, at, Math.min(HEAD, size - at));
    const tag = varint(head, 0);
    const wire = tag === undefined ? undefined : tag.value & 7;
    const field = tag === undefined ? 0 : Math.floor(tag.value / 8);
    if (tag === undefined || field === 0 || field > 100 || fields > MAX_FIELDS) throw noOnnx();
    seen.add(field);
    if (wire === VARINT) {
      const value = varint(head, tag.end);
      if (value === undefined) throw noOnnx();
      at += value.end;
    } else if (wire === FIXED64 || wire === FIXED32) {
      at += tag.end + (wire === FIXED64 ? 8 : 4);
    } else if (wire === BYTES) {
      const length = varint(head, tag.end);
      if (length === undefined) throw noOnnx();
      const from = at + length.end;
      if (from + length.value > size) {
        if (!seen.has(IR_VERSION)) throw noOnnx();
        throw new DetectError('model-invalid', `${name} is cut off: it should have at least ${from + length.value} bytes and has ${size}`);
      }
      if (field === METADATA && length.value <= MAX_ENTRY) {
        const [key, value] = entry(await bytes(file, from, length.value));
        metadata[key] = value;
      }
      at = from + length.value;
    } else throw noOnnx();
  }
  if (!seen.has(IR_VERSION) || !seen.has(GRAPH)) throw noOnnx();
  return metadata;
}

function entry(message: Buffer): [key: string, value: string] {
  let key = '';
  let value = '';
  for (let at = 0; at < message.length; ) {
    const tag = varint(message, at);
    const length = tag === undefined ? undefined : varint(message, tag.end);
    if (tag === undefined || length === undefined) break;
    const text = message.toString('utf8', length.end, length.end + length.value);
    if (Math.floor(tag.value / 8) === ENTRY_KEY) key = text;
    if (Math.floor(tag.value / 8) === ENTRY_VALUE) value = text;
    at = length.end + length.value;
  }
  return [key, value];
}

/** Base 128, least significant group first; exact up to 2^53. */
function varint(from: Buffer, at: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = from[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, end: at + i + 1 };
  }
  return undefined;
}

async function bytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** @returns 64 lower-case hexadecimal digits */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
