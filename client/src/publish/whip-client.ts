const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
/** Milliseconds that a server has for an answer. */
const ANSWER_MS = 10_000;

/** What a server made of an offer. */
export interface WhipSession {
  /** SDP. */
  readonly answer: string;
  /** Absolute address of the session; DELETE ends it. */
  readonly location: string;
  /** Servers that the client may use for its own candidates (RFC 9725 §4.6). */
  readonly iceServers: readonly RTCIceServer[];
}

/** A server's no, with its reason (RFC 9457). */
export class WhipRefusal extends Error {
  /** HTTP status. */
  readonly status: number;
  /** Kind of problem, for programs. */
  readonly code: string | undefined;
  /** Milliseconds after which the server wants to be asked again. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, detail: string, code?: string, retryAfterMs?: number) {
    super(detail);
    this.name = 'WhipRefusal';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** There was no answer, or not all of it. */
export class WhipUnreachable extends Error {
  constructor(cause: unknown) {
    super('The server can’t be reached.', { cause });
    this.name = 'WhipUnreachable';
  }
}

/**
 * Offers media to a WHIP endpoint (RFC 9725 §4.2).
 * @param offer SDP; candidates need not be in it
 * @throws WhipRefusal, WhipUnreachable
 */
export async function postOffer(endpoint: string, token: string | undefined, offer: string): Promise<WhipSession> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': SDP, ...bearer(token) },
    body: offer,
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch(unreachable);
  if (response.status !== 201) throw await refusalOf(response);
  const location = response.headers.get('Location');
  // Without an address the session could never be ended.
  if (location === null) throw new WhipRefusal(response.status, 'The answer names no session (Location).', 'no-location');
  return {
    answer: await response.text().catch(unreachable),
    // A relative one is relative to where redirects led.
    location: new URL(location, response.url === '' ? endpoint : response.url).href,
    iceServers: iceServersOf(response.headers.get('Link') ?? ''),
  };
}

/**
 * Ends a session. Never throws: a session that can't be ended comes to its end when the server hears nothing more of it.
 * @param keepalive the request outlives the page
 */
export async function deleteSession(location: string, token: string | undefined, { keepalive = false }: { keepalive?: boolean } = {}): Promise<void> {
  await fetch(location, { method: 'DELETE', headers: bearer(token), keepalive, signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined);
}

/**
 * What the server says of a session, asked with a fragment that changes nothing (RFC 9725 §4.3.2):
 * - `replaced`: another publisher took its place
 * - `ended`: there is no such session (any more)
 * - `unknown`: it lives, or the server says nothing
 *
 * Never throws.
 */
export async function fateOf(location: string, token: string | undefined): Promise<'replaced' | 'ended' | 'unknown'> {
  const request = fetch(location, {
    method: 'PATCH',
    headers: { 'Content-Type': FRAGMENT, ...bearer(token) },
    body: 'a=end-of-candidates\r\n',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return request.then(
    ({ status }) => (status === 410 ? 'replaced' : status === 404 ? 'ended' : 'unknown'),
    () => 'unknown',
  );
}

/** Out of `Link` header fields (RFC 8288) those of `rel="ice-server"`. */
export function iceServersOf(links: string): RTCIceServer[] {
  return links.split(/,\s*(?=<)/).flatMap((link) => {
    const [, urls, parameters = ''] = /^\s*<([^>]*)>(.*)$/s.exec(link) ?? [];
    if (urls === undefined || parameterOf(parameters, 'rel') !== 'ice-server') return [];
    const username = parameterOf(parameters, 'username');
    const credential = parameterOf(parameters, 'credential');
    return [{ urls, ...(username === undefined ? {} : { username }), ...(credential === undefined ? {} : { credential }) }];
  });
}

function parameterOf(parameters: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(parameters) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}

function unreachable(cause: unknown): never {
  throw new WhipUnreachable(cause);
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined || token === '' ? {} : { Authorization: `Bearer ${token}` };
}

async function refusalOf(response: Response): Promise<WhipRefusal> {
  const answer: unknown = await response.json().catch(() => undefined);
  const { detail, title, code } = (typeof answer === 'object' && answer !== null ? answer : {}) as { detail?: unknown; title?: unknown; code?: unknown };
  const text = [detail, title, response.statusText].find((one): one is string => typeof one === 'string' && one !== '');
  return new WhipRefusal(response.status, text ?? `HTTP ${response.status}`, typeof code === 'string' ? code : undefined, retryAfterOf(response.headers.get('Retry-After')));
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfterOf(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
