import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Files in PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate for 127.0.0.1 that nobody but itself has signed, as a camera has one. */
export async function selfSigned(folder: string): Promise<TlsFiles> {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=camera', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject, '-out', certificate, '-keyout', key]);
  return { certificate, key };
}
