import { RtmpError } from './rtmp-error.ts';

/** A value of AMF 0; objects have no prototype. */
export type AmfValue = number | boolean | string | null | undefined | readonly AmfValue[] | AmfObject;
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;
const UNSUPPORTED = 13;
const XML = 15;
const TYPED_OBJECT = 16;

/** Limits of one message: nesting depth and number of values. */
const MAX_DEPTH = 8;
const MAX_VALUES = 1000;

/**
 * Reads all values of a message (Adobe, “Action Message Format – AMF 0”). Dates become numbers: milliseconds since the epoch.
 * @throws RtmpError if it is truncated, nested too deeply, too long, or has a type that commands don’t use
 */
export function readAmf0(data: Buffer): AmfValue[] {
  const reader = new Reader(data);
  const values: AmfValue[] = [];
  while (!reader.done) values.push(reader.value(0));
  return values;
}

class Reader {
  readonly #data: Buffer;
  #at = 0;
  #values = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get done(): boolean {
    return this.#at >= this.#data.length;
  }

  value(depth: number): AmfValue {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) throw new RtmpError('A command is nested too deeply or has too many values.');
    const type = this.#take(1)[0];
    switch (type) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1)[0] !== 0;
      case STRING:
        return this.#text(this.#take(2).readUInt16BE());
      case LONG_STRING:
      case XML:
        return this.#text(this.#take(4).readUInt32BE());
      case NULL:
        return null;
      case UNDEFINED:
      case UNSUPPORTED:
        return undefined;
      case TYPED_OBJECT:
        this.#text(this.#take(2).readUInt16BE());
        return this.#object(depth);
      case ECMA_ARRAY:
        // The count is only a hint: the end is marked as in objects.
        this.#take(4);
        return this.#object(depth);
      case OBJECT:
        return this.#object(depth);
      case STRICT_ARRAY:
        return this.#array(depth);
      case DATE: {
        const time = this.#take(8).readDoubleBE();
        this.#take(2);
        return time;
      }
      default:
        throw new RtmpError('A command contains a value of an unknown type.');
    }
  }

  #object(depth: number): AmfObject {
    const object = Object.create(null) as Record<string, AmfValue>;
    for (;;) {
      const name = this.#text(this.#take(2).readUInt16BE());
      if (name === '' && this.#data[this.#at] === OBJECT_END) {
        this.#at += 1;
        return object;
      }
      object[name] = this.value(depth + 1);
    }
  }

  #array(depth: number): AmfValue[] {
    const array: AmfValue[] = [];
    const count = this.#take(4).readUInt32BE();
    while (array.length < count) array.push(this.value(depth + 1));
    return array;
  }

  #text(bytes: number): string {
    return this.#take(bytes).toString('utf8');
  }

  #take(bytes: number): Buffer {
    const end = this.#at + bytes;
    if (end > this.#data.length) throw new RtmpError('A command is cut off.');
    const taken = this.#data.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

/** Writes values in order: objects as objects, arrays as strict arrays. */
export function writeAmf0(...values: AmfValue[]): Buffer {
  return Buffer.concat(values.map(written));
}

function written(value: AmfValue): Buffer {
  if (value === undefined) return Buffer.from([UNDEFINED]);
  if (value === null) return Buffer.from([NULL]);
  if (typeof value === 'boolean') return Buffer.from([BOOLEAN, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([STRING]), named(value)]);
  if (typeof value === 'number') {
    const number = Buffer.alloc(9);
    number.writeDoubleBE(value, 1);
    return number;
  }
  if (isArray(value)) {
    const head = Buffer.from([STRICT_ARRAY, 0, 0, 0, 0]);
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(written)]);
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [named(name), written(field)]);
  return Buffer.concat([Buffer.from([OBJECT]), ...fields, Buffer.from([0, 0, OBJECT_END])]);
}

function named(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

function isArray(value: AmfObject | readonly AmfValue[]): value is readonly AmfValue[] {
  return Array.isArray(value);
}

/** Whether a value is an object with named properties. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
