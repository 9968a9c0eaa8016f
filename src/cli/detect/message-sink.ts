import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { AnnotationMessage } from '../../pipeline/annotation.ts';
import { DetectRunError } from './detect-run-error.ts';

/** Writes annotation messages, in order, in one format. */
export interface MessageSink {
  write(message: AnnotationMessage): Promise<void>;
  /** Completes the file; nothing may be written afterwards. */
  end(): Promise<void>;
}

/** A text file that is written in pieces, with back-pressure. */
export class TextFile {
  readonly #out: Writable;
  readonly #done: Promise<void>;

  /** @param path `-` is standard output */
  constructor(path: string) {
    const own = path === '-' ? undefined : createWriteStream(path);
    this.#out = own ?? process.stdout;
    this.#done = own === undefined ? Promise.resolve() : finished(own).catch((error: Error) => this.#fail(path, error));
    // Reported by `write` and `end`.
    this.#done.catch(() => undefined);
  }

  /** @throws DetectRunError if the file can't be written */
  async write(text: string): Promise<void> {
    if (this.#out.destroyed) return this.#done;
    if (!this.#out.write(text)) await Promise.race([once(this.#out, 'drain'), this.#done]);
  }

  async end(): Promise<void> {
    if (this.#out !== process.stdout) this.#out.end();
    await this.#done;
  }

  #fail(path: string, error: Error): never {
    throw new DetectRunError(`${path} can’t be written: ${error.message}`, { cause: error });
  }
}
