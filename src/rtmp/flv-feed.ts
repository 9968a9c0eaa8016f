import type { Writable } from 'node:stream';
import { flvHeader, flvTag, tagRole } from './flv.ts';
import { MESSAGE, type RtmpMessage } from './message.ts';

/** Bytes and tags since the last key frame that are kept for a reader who comes later. */
const MAX_KEPT_BYTES = 16 << 20;
const MAX_KEPT_TAGS = 4000;
/** What is kept is of the present only while something comes: milliseconds. */
const FRESH_MS = 2000;
/** Bytes that may wait for a reader; then it gets nothing before the next key frame. */
const MAX_WAITING = 16 << 20;

interface Reader {
  readonly out: Writable;
  begun: boolean;
  seeksKey: boolean;
}

/**
 * What one publisher sends, as FLV for however many readers: each gets what a decoder needs first, then everything from the last key
 * frame on. Nobody can hold up the publisher or another reader.
 */
export class FlvFeed {
  readonly #readers = new Set<Reader>();
  #script: Buffer | undefined;
  #videoHeader: Buffer | undefined;
  #audioHeader: Buffer | undefined;
  #audio = false;
  /** From the last key frame on; empty where that is too long ago. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #lastAt = -Infinity;
  #dropped = 0;

  /** Tags that a reader did not get because too much waited for it. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes a message of sound, picture or metadata. */
  push(message: RtmpMessage): void {
    const role = tagRole(message);
    if (role === 'nothing') return;
    const tag = flvTag(message);
    this.#lastAt = performance.now();
    if (message.type === MESSAGE.audio) this.#audio = true;
    if (role === 'script') this.#script = tag;
    else if (role === 'video-header') this.#videoHeader = tag;
    else if (role === 'audio-header') this.#audioHeader = tag;
    else this.#keep(tag, role === 'key');
    for (const reader of this.#readers) this.#hand(reader, tag, role === 'key');
  }

  /** A reader from now on; it is forgotten when it closes. */
  attach(out: Writable): void {
    const reader: Reader = { out, begun: false, seeksKey: true };
    this.#readers.add(reader);
    out.once('close', () => this.#readers.delete(reader));
    if (this.#kept.length === 0 || performance.now() - this.#lastAt > FRESH_MS) return;
    this.#begin(reader);
    for (const tag of this.#kept) out.write(tag);
  }

  #keep(tag: Buffer, key: boolean): void {
    if (key) this.#forget();
    else if (this.#kept.length === 0) return;
    this.#kept.push(tag);
    this.#keptBytes += tag.length;
    if (this.#keptBytes > MAX_KEPT_BYTES || this.#kept.length > MAX_KEPT_TAGS) this.#forget();
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }

  #hand(reader: Reader, tag: Buffer, key: boolean): void {
    if (reader.out.writableLength > MAX_WAITING) reader.seeksKey = true;
    else if (key && !reader.begun) this.#begin(reader);
    else if (key) reader.seeksKey = false;
    if (reader.seeksKey) this.#dropped += reader.begun ? 1 : 0;
    else reader.out.write(tag);
  }

  #begin(reader: Reader): void {
    reader.begun = true;
    reader.seeksKey = false;
    reader.out.write(flvHeader({ audio: this.#audio, video: true }));
    for (const tag of [this.#script, this.#videoHeader, this.#audioHeader]) if (tag !== undefined) reader.out.write(tag);
  }
}
