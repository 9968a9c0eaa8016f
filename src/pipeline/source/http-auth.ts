import { createHash, randomBytes } from 'node:crypto';

const HASHES: Record<string, string> = { md5: 'md5', 'sha-256': 'sha256' };

/**
 * The `Authorization` that answers a server's challenge with the credentials of an address: Digest (RFC 7616) where the server knows it, so that
 * the password is not sent, else Basic (RFC 7617).
 * @param challenges the values of `WWW-Authenticate`
 * @returns undefined where the address has no credentials, or the server asks for something else
 */
export function authorize(url: URL, challenges: readonly string[], method = 'GET'): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  const digests = challenges.flatMap((challenge) => challenge.split(/,\s*(?=(?:digest|basic)\s)/i)).map(parse);
  for (const [scheme, fields] of digests) {
    const hash = HASHES[(fields['algorithm'] ?? 'md5').toLowerCase()];
    if (scheme !== 'digest' || hash === undefined || fields['nonce'] === undefined) continue;
    return digest({ user, password, method, uri: url.pathname + url.search, hash, fields });
  }
  return digests.some(([scheme]) => scheme === 'basic') ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : undefined;
}

interface DigestInput {
  readonly user: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly hash: string;
  readonly fields: Readonly<Record<string, string | undefined>>;
}

function digest({ user, password, method, uri, hash, fields }: DigestInput): string {
  const h = (text: string): string => createHash(hash).update(text).digest('hex');
  const { realm = '', nonce = '', opaque, algorithm } = fields;
  const secret = h(`${user}:${realm}:${password}`);
  const request = h(`${method}:${uri}`);
  const qop = fields['qop']?.split(',').some((one) => one.trim() === 'auth') === true;
  const cnonce = randomBytes(8).toString('hex');
  const response = qop ? h(`${secret}:${nonce}:00000001:${cnonce}:auth:${request}`) : h(`${secret}:${nonce}:${request}`);
  return [
    `Digest username="${user.replace(/["\\]/g, '\\$&')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `response="${response}"`,
    ...(qop ? ['qop=auth', 'nc=00000001', `cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
  ].join(', ');
}

function parse(challenge: string): [scheme: string, fields: Record<string, string | undefined>] {
  const [scheme = ''] = challenge.trim().split(/\s/, 1);
  const fields = [...challenge.matchAll(/([a-z]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain]);
  return [scheme.toLowerCase(), Object.fromEntries(fields) as Record<string, string | undefined>];
}
