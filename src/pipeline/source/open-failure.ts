import { FFmpegError } from 'node-av/lib';
import { AVERROR_HTTP_FORBIDDEN, AVERROR_HTTP_NOT_FOUND, AVERROR_HTTP_UNAUTHORIZED, AVERROR_INVALIDDATA } from 'node-av/constants';
import { SourceError, type SourceErrorCode } from './source.ts';

/** What a code of libav means for somebody who gave an address; all others are “can’t be read now”. */
const MEANINGS = new Map<number, [SourceErrorCode, (name: string) => string]>([
  [AVERROR_HTTP_UNAUTHORIZED, ['source-credentials', credentialsRefused]],
  [AVERROR_HTTP_FORBIDDEN, ['source-credentials', credentialsRefused]],
  [AVERROR_HTTP_NOT_FOUND, ['source-not-found', (name) => `There is nothing at ${name}: its server knows no such path.`]],
]);

/** The sentence for a server that wants other credentials. */
export function credentialsRefused(name: string): string {
  return `${name}: credentials refused. Check user name and password in the address.`;
}

/**
 * Why libav could not open something.
 * @param name the address without credentials, or a path
 * @param status libav's negative error code
 */
export function openFailure(name: string, status: number): SourceError {
  const known = MEANINGS.get(status);
  const cause = new FFmpegError(status);
  if (known !== undefined) return new SourceError(known[0], known[1](name), { cause });
  // A network that breaks while a container is looked for is told as invalid data too: only a file stays what it is.
  const isFile = name.startsWith('/');
  const code = isFile ? 'source-invalid' : status === AVERROR_INVALIDDATA ? 'source-read' : 'source-not-found';
  return new SourceError(code, isFile ? `${name} is not media that can be read: ${cause.message}.` : `${name} can’t be read: ${cause.message}.`, { cause });
}
