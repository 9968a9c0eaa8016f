import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { ProblemError } from './problem.ts';

/**
 * Decides which requests are allowed.
 *
 * With a token, all that send it, from anywhere. Without one, the server is reachable from its own machine only, and the danger is a
 * foreign page in a browser on that machine: its origin must be allowed, and the host name must be one that no foreign DNS server can
 * point here (DNS rebinding).
 */
export class Guard {
  readonly #host: string;
  readonly #origins: readonly string[];
  readonly #token: Buffer | undefined;

  constructor({ http, auth }: Pick<Config, 'http' | 'auth'>) {
    this.#host = http.host.toLowerCase();
    this.#origins = http.allowedOrigins;
    this.#token = auth.token === undefined ? undefined : digest(auth.token);
  }

  /** Whether requests need a token. */
  get needsToken(): boolean {
    return this.#token !== undefined;
  }

  /** For every request: why its host name is refused; undefined if it is allowed. */
  checkHost({ headers }: IncomingMessage): ProblemError | undefined {
    if (this.needsToken) return undefined;
    const name = hostName(headers.host);
    if (name !== undefined && (isLoopback(name) || name === this.#host)) return undefined;
    return forbidden('host-not-allowed', 'The server can’t be used by this name without a token. Use http://127.0.0.1, or set auth.token.');
  }

  /**
   * For every request to what is not public, including upgrades: why it is refused; undefined if it is allowed.
   *
   * @param own a token of the resource, accepted besides the server's; one of the two is needed then
   */
  check(request: IncomingMessage, own?: string): ProblemError | undefined {
    const host = this.checkHost(request);
    if (host !== undefined) return host;
    const tokens = [this.#token, own === undefined ? undefined : digest(own)].filter((token) => token !== undefined);
    if (tokens.length > 0) return checkToken(request, tokens);
    if (request.headers.origin === undefined || this.allowedOrigin(request) !== undefined) return undefined;
    return forbidden('origin-not-allowed', 'Pages of this origin may not use the server. Add it to http.allowedOrigins, or set auth.token.');
  }

  /** The origin allowed to read a cross-origin answer; undefined if there is none. */
  allowedOrigin({ headers }: IncomingMessage): string | undefined {
    const { origin, host } = headers;
    if (origin === undefined) return undefined;
    if (this.needsToken || this.#origins.includes('*') || this.#origins.includes(origin)) return origin;
    if (!URL.canParse(origin)) return undefined;
    const url = new URL(origin);
    return url.host === host || isLoopback(url.hostname) ? origin : undefined;
  }
}

/** @param tokens digests of the valid tokens; all are compared, so that the time does not reveal which one matched */
function checkToken(request: IncomingMessage, tokens: readonly Buffer[]): ProblemError | undefined {
  const given = givenToken(request);
  if (given !== undefined && tokens.filter((token) => timingSafeEqual(digest(given), token)).length > 0) return undefined;
  const detail =
    given === undefined
      ? 'A token is needed: send Authorization: Bearer TOKEN, or ?access_token=TOKEN where no header can be sent.'
      : 'The token is wrong.';
  return new ProblemError({
    status: 401,
    detail,
    code: given === undefined ? 'token-missing' : 'token-wrong',
    headers: { 'WWW-Authenticate': `Bearer realm="framelock"${given === undefined ? '' : ', error="invalid_token"'}` },
  });
}

/** The token of a request: RFC 6750 §2.1, or §2.3 where browsers can't send headers: EventSource, WebSocket, `<img>`. */
function givenToken({ headers, url }: IncomingMessage): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const query = url?.split('?')[1];
  return query === undefined ? undefined : (new URLSearchParams(query).get('access_token') ?? undefined);
}

/** Digests have one length, so that comparing them takes constant time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Name or address in a Host header, without port and brackets. */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function forbidden(code: string, detail: string): ProblemError {
  return new ProblemError({ status: 403, detail, code });
}
