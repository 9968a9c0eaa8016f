import type { Writable } from 'node:stream';
import { flvHeader, flvTag, tagRole } from './flv.ts';
import { MESSAGE, type RtmpMessage } from './message.ts';

/** Most bytes and tags since the last key frame that are kept for later readers. */
const MAX_KEPT_BYTES = 16 << 20;
const MAX_KEPT_TAGS = 4000;
/** What is kept is outdated after so many milliseconds without a message. */
const FRESH_MS = 2000;
/** Most bytes that may wait for a reader; beyond them it gets nothing until the next key frame. */
const MAX_WAITING = 16 << 20;

interface Reader {
  readonly out: Writable;
  begun: boolean;
  seeksKey: boolean;
}

/**
 * The media of one publisher, as FLV for any number of readers. Each gets the decoder configuration first, then everything from the last
 * key frame on. A slow reader delays neither the publisher nor other readers.
 */
export class FlvFeed {
  readonly #readers = new Set<Reader>();
  #script: Buffer | undefined;
  #videoHeader: Buffer | undefined;
  #audioHeader: Buffer | undefined;
  #audio = false;
  /** Tags from the last key frame on; empty if that is too long ago. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #lastAt = -Infinity;
  #dropped = 0;

  /** Tags dropped because too much waited for a reader. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds a message with audio, video or metadata. */
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

  /** Adds a reader, until it closes. */
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
