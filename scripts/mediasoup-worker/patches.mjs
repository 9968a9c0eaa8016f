import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SetupError } from '../lib/say.mjs';

/** Changes to the package's sources, each with its reason. */
export const PATCHES = [
  {
    file: 'src/RTC/DtlsTransport.cpp',
    // Debian's OpenSSL has kernel TLS: it asks the memory BIO by a control call whether the kernel sends. The worker's callback
    // answers every control call with 1, which OpenSSL reads as yes; it then allocates no write buffer and crashes at the first
    // handshake. After an operation (BIO_CB_RETURN is set, beside the operation's own bits) the callback must hand its result on.
    from: '(operationType == BIO_CB_RETURN) ? static_cast<long>(ret) : 1',
    to: '((operationType & BIO_CB_RETURN) != 0) ? static_cast<long>(ret) : 1',
  },
];

/**
 * Writes patched copies of sources; the package itself stays as npm installed it.
 * @param {string} worker the package's worker folder
 * @param {string} target the copies go here, by the same relative paths
 * @throws {SetupError} where the text to replace is not there exactly once, since nobody has then looked at what is built
 */
export async function writePatched(worker, target) {
  for (const { file, from, to } of PATCHES) {
    const source = await readFile(join(worker, file), 'utf8');
    if (source.split(from).length !== 2) {
      throw new SetupError(
        `${file} of the mediasoup package is not what its patch was made for.`,
        `A new version of mediasoup needs a look at scripts/mediasoup-worker/patches.mjs. This text was looked for:\n\n  ${from}`,
      );
    }
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), source.replace(from, to));
  }
}
