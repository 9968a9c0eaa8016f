import type { Logger } from 'pino';
import type { Peer } from '../sfu/peer.ts';
import { Refusal } from '../util/refusal.ts';
import type { IceServer } from './rtc-schema.ts';
import { candidateLines } from './sdp-writer.ts';

/** Media type of ICE fragments (RFC 8840). */
export const FRAGMENT_TYPE = 'application/trickle-ice-sdpfrag';

/** Number of replaced WHIP sessions that are remembered, to answer their requests with 410. */
const MAX_REPLACED = 256;

export interface HttpSessionOptions {
  readonly iceServers: readonly IceServer[];
  readonly logger: Logger;
}

/** A protocol that exchanges session descriptions in one HTTP request: WHEP or WHIP. */
export interface HttpSessionKind<Query> extends HttpSessionOptions {
  /** The last segment of its path. */
  readonly name: 'whep' | 'whip';
  /** Opens a WHIP or WHEP session. @param query what it requests @throws Refusal */
  readonly open: (stream: string, offer: string, query: Query) => Promise<OpenedSession>;
}

export interface OpenedSession {
  readonly peer: Peer;
  /** The SDP answer. */
  readonly answer: string;
}

/** A WHIP or WHEP session, which ends with DELETE, or with its connection. */
export interface HttpSession {
  readonly stream: string;
  readonly peer: Peer;
  /** Identifies the current ICE session (RFC 9725 §4.3.1). */
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

  /** STUN and TURN servers for the client, as `Link` headers (RFC 9725 §4.6). */
  get iceLinks(): readonly string[] {
    return this.#kind.iceServers.flatMap(({ urls, username, credential }) =>
      [urls].flat().map((url) => `<${url}>; rel="ice-server"${username === undefined ? '' : `; username="${username}"; credential="${credential}"; credential-type="password"`}`),
    );
  }

  /** @returns the session, with the answer to the offer @throws Refusal */
  async open(stream: string, offer: string, query: Query): Promise<{ readonly session: HttpSession; readonly answer: string }> {
    const { name, logger } = this.#kind;
    const { peer, answer } = await this.#kind.open(stream, offer, query);
    const session: HttpSession = { stream, peer, etag: etagOf(peer) };
    if (!peer.closed) this.#sessions.set(peer.id, session);
    peer.once('close', (reason) => {
      this.#sessions.delete(peer.id);
      if (reason === 'replaced') this.#remember(peer.id);
      logger.debug({ stream, session: peer.id, reason }, `${name.toUpperCase()} session ended`);
    });
    return { session, answer };
  }

  /** @throws Refusal `not-found`; `replaced` if another publisher has taken its place */
  find(stream: string, id: string): HttpSession {
    // Without this answer, the replaced publisher would reconnect and replace the other, and so on.
    if (this.#replaced.has(id)) throw new Refusal('replaced', 'Another publisher has taken the place of this one (publish.policy is replace).');
    const session = this.#sessions.get(id);
    if (session?.stream !== stream) throw new Refusal('not-found', `There is no such ${this.#kind.name.toUpperCase()} session; it may have ended.`);
    return session;
  }

  /** @returns an ICE fragment with the server's new credentials (RFC 9725 §4.3.3) @throws Refusal */
  async restartIce(session: HttpSession): Promise<string> {
    const { usernameFragment, password } = await session.peer.restartIce();
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
 * Checks what a client sends about its candidates. The SFU is an ICE-lite agent with all candidates in its answer: it needs none of the client's.
 * @throws Refusal `bad-fragment`
 */
export function checkFragment(fragment: string): void {
  if (!/^a=(candidate|end-of-candidates|ice-ufrag|mid)/m.test(fragment)) {
    throw new Refusal('bad-fragment', 'The body is not an ICE fragment (RFC 8840).');
  }
}

/** @param condition what `If-Match` says @throws Refusal `other-ice-session` if it names another ICE session than the current one */
export function checkIceSession({ etag }: HttpSession, condition: string | undefined): void {
  if (condition === undefined || condition === etag) return;
  throw new Refusal('other-ice-session', 'The fragment belongs to another ICE session.');
}

function etagOf({ transport }: Peer): string {
  return `"${transport.iceParameters.usernameFragment}"`;
}
