import type { Logger } from 'pino';
import { ProblemError } from '../http/problem.ts';
import { SfuError } from '../sfu/errors.ts';
import type { Peer } from '../sfu/peer.ts';
import type { IceServer } from './rtc-schema.ts';
import { candidateLines } from './sdp-writer.ts';

/** Media type of ICE fragments (RFC 8840). */
export const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag';

/** WHIP sessions whose place another publisher took: so many of the newest are told so when they ask. */
const MAX_REPLACED = 256;

export interface HttpSessionOptions {
  readonly iceServers: readonly IceServer[];
  readonly logger: Logger;
}

/** A protocol of one HTTP exchange of descriptions: WHEP or WHIP. */
export interface HttpSessionKind<Query> extends HttpSessionOptions {
  /** The last part of its path. */
  readonly name: 'whep' | 'whip';
  /** Opens a WHIP or WHEP session. @param query what it asks for @throws ProblemError, SfuError, StreamsError */
  readonly open: (stream: string, offer: string, query: Query) => Promise<OpenedSession>;
}

export interface OpenedSession {
  readonly peer: Peer;
  /** The answer: SDP. */
  readonly answer: string;
}

/** A WHIP or WHEP session, which ends with DELETE, or with its connection. */
export interface HttpSession {
  readonly stream: string;
  readonly peer: Peer;
  /** Names the present ICE session (RFC 9725 §4.3.1). */
  etag: string;
}

/** The open sessions of one protocol. */
export class HttpSessions<Query> {
  readonly #kind: HttpSessionKind<Query>;
  readonly #sessions = new Map<string, HttpSession>();
  readonly #replaced = new Set<string>();

  constructor(kind: HttpSessionKind<Query>) {
    this.#kind = kind;
  }

  /** RFC 9725 §4.6: servers that a client may use for its own candidates, one `Link` each. */
  get iceLinks(): readonly string[] {
    return this.#kind.iceServers.flatMap(({ urls, username, credential }) =>
      [urls].flat().map((url) => `<${url}>; rel="ice-server"${username === undefined ? '' : `; username="${username}"; credential="${credential}"; credential-type="password"`}`),
    );
  }

  /** @returns the session, with the answer to the offer @throws ProblemError, StreamsError */
  async open(stream: string, offer: string, query: Query): Promise<{ readonly session: HttpSession; readonly answer: string }> {
    const { name, logger } = this.#kind;
    const { peer, answer } = await this.#kind.open(stream, offer, query).catch((error: unknown) => {
      throw problemOf(error);
    });
    const session: HttpSession = { stream, peer, etag: etagOf(peer) };
    if (!peer.closed) this.#sessions.set(peer.id, session);
    peer.once('close', (reason) => {
      this.#sessions.delete(peer.id);
      if (reason === 'replaced') this.#remember(peer.id);
      logger.debug({ stream, session: peer.id, reason }, `${name.toUpperCase()} session ended`);
    });
    return { session, answer };
  }

  /** @throws ProblemError 404; 410 where another publisher has taken its place */
  find(stream: string, id: string): HttpSession {
    // Who comes back without knowing would take the place again, and so would the other.
    if (this.#replaced.has(id)) throw new ProblemError({ status: 410, code: 'replaced', detail: 'Another publisher has taken the place of this one (publish.policy is replace).' });
    const session = this.#sessions.get(id);
    if (session?.stream !== stream) throw notFound(`There is no such ${this.#kind.name.toUpperCase()} session; it may have ended.`);
    return session;
  }

  /** @returns an ICE fragment with the new credentials of this side (RFC 9725 §4.3.3) @throws ProblemError */
  async restartIce(session: HttpSession): Promise<string> {
    const { usernameFragment, password } = await session.peer.restartIce().catch((error: unknown) => {
      throw problemOf(error);
    });
    session.etag = etagOf(session.peer);
    const lines = ['a=ice-lite', `a=ice-ufrag:${usernameFragment}`, `a=ice-pwd:${password}`, ...candidateLines(session.peer.transport.iceCandidates)];
    return `${lines.join('\r\n')}\r\n`;
  }

  #remember(id: string): void {
    this.#replaced.add(id);
    const [oldest] = this.#replaced;
    if (this.#replaced.size > MAX_REPLACED && oldest !== undefined) this.#replaced.delete(oldest);
  }
}

/**
 * Checks what a client tells of its candidates. The SFU is an ICE-lite agent with all its candidates in the answer: it needs none of the client's.
 * @throws ProblemError 400
 */
export function checkFragment(fragment: string): void {
  if (!/^a=(candidate|end-of-candidates|ice-ufrag|mid)/m.test(fragment)) {
    throw new ProblemError({ status: 400, code: 'bad-fragment', detail: 'The body is no ICE fragment (RFC 8840).' });
  }
}

/** @param condition what `If-Match` says @throws ProblemError 412 where another ICE session is meant than the present one */
export function checkIceSession({ etag }: HttpSession, condition: string | undefined): void {
  if (condition === undefined || condition === etag) return;
  throw new ProblemError({ status: 412, code: 'other-ice-session', detail: 'The fragment is for another ICE session than the present one.' });
}

/** 404 for a stream, or a WHIP or WHEP session, that is not there. */
export function notFound(detail: string): ProblemError {
  return new ProblemError({ status: 404, detail });
}

function etagOf({ transport }: Peer): string {
  return `"${transport.iceParameters.usernameFragment}"`;
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof SfuError)) return error;
  const status = { closed: 404, unavailable: 503, 'no-common-codec': 406, 'no-audio': 404, 'transport-refused': 400 }[error.code];
  return new ProblemError({ status, code: error.code, detail: error.message, cause: error, ...(status === 503 ? { headers: { 'Retry-After': '1' } } : {}) });
}
