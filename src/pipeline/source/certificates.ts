import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { SourceError } from './source.ts';
import type { SourceTrust } from './trust.ts';

/** Milliseconds that a server has to show its certificate to somebody who asks why it is refused. */
const ASK_MS = 5000;
/** Node’s codes for a certificate that is not trusted (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const REFUSED = /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/** As options of libav's containers and protocols. */
export function libavTrust({ verify, caFile }: SourceTrust): Record<string, string | number> {
  return { tls_verify: verify ? 1 : 0, ...(verify && caFile !== undefined ? { ca_file: caFile } : {}) };
}

/**
 * As options of Node's connections.
 * @throws SourceError `source-certificate` where the file of authorities can't be read
 */
export async function nodeTrust({ verify, caFile }: SourceTrust): Promise<{ rejectUnauthorized: boolean; ca?: string }> {
  if (!verify || caFile === undefined) return { rejectUnauthorized: verify };
  const ca = await readFile(caFile, 'utf8').catch((cause: unknown) => {
    throw new SourceError('source-certificate', `The authorities of sources.tls.caFile (${caFile}) can’t be read.`, { cause });
  });
  return { rejectUnauthorized: true, ca };
}

export interface AskedServer {
  /** What people are told it is; holds no credentials. */
  readonly name: string;
  /** As in its address, which its certificate has to be for. */
  readonly host: string;
  readonly port: number;
  /** Where to connect, if not to the host by its name. */
  readonly address?: string;
}

/**
 * Asks a server for its certificate once more, after a connection has failed in a way that tells nothing.
 * @returns why the certificate is not trusted; undefined where it is, or where that can't be found out
 */
export async function certificateProblem(trust: SourceTrust, { name, host, port, address }: AskedServer): Promise<SourceError | undefined> {
  if (!trust.verify) return undefined;
  const bare = host.replace(/^\[|\]$/g, '');
  const { ca } = await nodeTrust(trust);
  const socket = connect({ host: address ?? bare, port, ...(isIP(bare) === 0 ? { servername: bare } : {}), rejectUnauthorized: false, ...(ca === undefined ? {} : { ca }) });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
      socket.setTimeout(ASK_MS, () => reject(new Error('No certificate in time')));
    });
    const { subject, issuer } = socket.getPeerCertificate();
    return socket.authorized ? undefined : notTrusted(name, socket.authorizationError, subject?.CN, issuer?.CN);
  } catch {
    return undefined;
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/** Whether an error of Node tells that a certificate is not trusted. */
export function isCertificateError(error: unknown): boolean {
  return error instanceof Error && REFUSED.test((error as NodeJS.ErrnoException).code ?? '');
}

function notTrusted(name: string, reason: unknown, subject = 'nobody', issuer = 'nobody'): SourceError {
  const said = reason instanceof Error ? ((reason as NodeJS.ErrnoException).code ?? reason.message) : String(reason);
  return new SourceError(
    'source-certificate',
    `The certificate of ${name} is not trusted (${said}): it is for “${subject}”, by “${issuer}”. Name the file of its authority in sources.tls.caFile, or let sources.tls.verify be false.`,
  );
}
