import { createHash, timingSafeEqual } from 'node:crypto';

export interface PublishKeysOptions {
  /** The administrator’s token; undefined if the server needs none, being reachable from its own machine only. */
  readonly token: string | undefined;
  /** Returns a stream’s own key; undefined if it has none or does not exist. */
  readonly keyOf: (stream: string) => string | undefined;
}

/**
 * Decides which keys admit to which stream: a stream’s own key to that stream, the administrator’s token to all. Without either, no key
 * is needed, as over HTTP.
 */
export class PublishKeys {
  readonly #options: PublishKeysOptions;

  constructor(options: PublishKeysOptions) {
    this.#options = options;
  }

  allows(stream: string, given: string | undefined): boolean {
    const { token, keyOf } = this.#options;
    const wanted = [token, keyOf(stream)].filter((one) => one !== undefined);
    return wanted.length === 0 || (given !== undefined && wanted.some((one) => timingSafeEqual(digest(one), digest(given))));
  }
}

/** Digests have one length, so that comparing them takes constant time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
