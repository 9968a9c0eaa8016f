import { createHash, timingSafeEqual } from 'node:crypto';

export interface PublishKeysOptions {
  /** The administrator’s; undefined where the server asks for none, and is reachable from its own machine only. */
  readonly token: string | undefined;
  /** A stream’s own key; undefined where it has none, or there is no such stream. */
  readonly keyOf: (stream: string) => string | undefined;
}

/**
 * Who may push to which stream. A stream’s own key opens that stream, the administrator’s token all of them. Where there is neither,
 * nothing is asked for, as over HTTP.
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

/** Digests are of one length, so that comparing them takes one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
