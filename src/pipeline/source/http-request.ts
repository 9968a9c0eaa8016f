import { request as plain, type IncomingMessage } from 'node:http';
import { request as secure } from 'node:https';
import { publicAddress } from './address.ts';
import { certificateProblem, isCertificateError, nodeTrust } from './certificates.ts';
import { TRUST_ANY, type SourceTrust } from './trust.ts';
import { authorize } from './http-auth.ts';
import { credentialsRefused } from './open-failure.ts';
import type { ReachGuard } from './reach.ts';
import { SourceError } from './source.ts';

/** Redirects that are followed. */
const MAX_REDIRECTS = 5;

/** Where requests may lead, and whom they trust. */
export interface HttpWays {
  readonly guard: ReachGuard;
  /** Left out, certificates are not verified. */
  readonly trust?: SourceTrust | undefined;
}

/** An answer whose body has not been read. */
export interface HttpAnswer {
  readonly body: IncomingMessage;
  /** Where it came from, after redirects. */
  readonly url: URL;
  /** In lower case, without parameters. */
  readonly type: string;
}

/**
 * GET by the rules for sources: few redirects, to HTTP only and never to where the guard says no.
 * @throws SourceError
 */
export async function httpGet(url: URL, { guard, trust = TRUST_ANY }: HttpWays, signal: AbortSignal): Promise<HttpAnswer> {
  let at = url;
  for (let redirects = 0; ; redirects++) {
    const body = await getAuthorized(at, { guard, trust }, signal);
    const status = body.statusCode ?? 0;
    const { location } = body.headers;
    if (status < 300 || status >= 400 || location === undefined) {
      if (status >= 200 && status < 300) return { body, url: at, type: (body.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase() };
      body.destroy();
      throw refused(at, status);
    }
    body.destroy();
    if (redirects >= MAX_REDIRECTS) throw new SourceError('source-read', `${publicAddress(url)} redirects more than ${MAX_REDIRECTS} times.`);
    if (!URL.canParse(location, at)) throw new SourceError('source-read', `${publicAddress(at)} redirects to nowhere.`);
    at = new URL(location, at);
    if (!/^https?:$/.test(at.protocol)) {
      throw new SourceError('source-address', `${publicAddress(url)} redirects to an address of ${at.protocol}, which is not followed.`);
    }
  }
}

/** Credentials are given when the server asks for them. */
async function getAuthorized(url: URL, ways: Required<HttpWays>, signal: AbortSignal): Promise<IncomingMessage> {
  const answer = await get(url, ways, signal);
  if (answer.statusCode !== 401) return answer;
  const authorization = authorize(url, answer.headersDistinct['www-authenticate'] ?? []);
  if (authorization === undefined) return answer;
  answer.destroy();
  return get(url, ways, signal, { authorization });
}

async function get(url: URL, { guard, trust }: Required<HttpWays>, signal: AbortSignal, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const { address, family } = await guard.resolve(url.hostname);
  const verification = url.protocol === 'https:' ? await nodeTrust(trust) : {};
  return new Promise<IncomingMessage>((resolve, reject) => {
    const bare = new URL(url);
    bare.username = bare.password = '';
    const sent = (url.protocol === 'https:' ? secure : plain)(bare, {
      agent: false,
      signal,
      ...verification,
      lookup: (_host, { all }, done) => (all === true ? done(null, [{ address, family }]) : done(null, address, family)),
      headers: { accept: '*/*', 'user-agent': 'Framelock', ...headers },
    });
    sent.once('response', resolve);
    sent.once('error', reject);
    sent.end();
  }).catch(async (cause: NodeJS.ErrnoException) => {
    const name = publicAddress(url);
    const problem = isCertificateError(cause) ? await certificateProblem(trust, { name, host: url.hostname, port: Number(url.port || 443), address }) : undefined;
    throw problem ?? new SourceError('source-not-found', `${name} can’t be reached: ${cause.code ?? cause.message}.`, { cause });
  });
}

function refused(url: URL, status: number): SourceError {
  const name = publicAddress(url);
  if (status === 401 || status === 403) return new SourceError('source-credentials', credentialsRefused(name));
  if (status === 404 || status === 410) return new SourceError('source-not-found', `There is nothing at ${name}: its server knows no such path.`);
  return new SourceError('source-read', `${name} answers with status ${status}.`);
}
