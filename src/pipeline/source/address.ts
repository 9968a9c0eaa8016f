import { realpath } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceError } from './source.ts';

/** The kinds of sources there are, by the scheme of their address. */
export const SOURCE_KINDS = {
  'demo:': 'demo',
  'file:': 'file',
  'publish:': 'publish',
  'rtsp:': 'rtsp',
  'rtsps:': 'rtsp',
  'rtmp:': 'rtmp',
  'rtmps:': 'rtmp',
  'http:': 'http',
  'https:': 'http',
  'udp:': 'udp',
  'srt:': 'srt',
  'rtp:': 'rtp',
  'v4l2:': 'v4l2',
  'x11:': 'x11',
} as const;
export type SourceKind = (typeof SOURCE_KINDS)[keyof typeof SOURCE_KINDS];

/** Their schemes, without the colon. */
export const SOURCE_SCHEMES = Object.keys(SOURCE_KINDS).map((scheme) => scheme.slice(0, -1));

/** The device files of cameras. */
export const CAMERA_PATH = /^\/dev\/(video\d+|v4l\/by-(id|path)\/[\w.:-]+)$/;

/** A display of this machine, and one of its screens. */
export const DISPLAY = /^:\d+(\.\d+)?$/;

/** An address taken apart. */
export interface SourceAddress {
  readonly kind: SourceKind;
  /** In full, credentials included. */
  readonly url: URL;
}

/**
 * Reads what a person typed: an address with a scheme, or the absolute path of a file.
 * @throws SourceError `source-address`
 */
export function parseSourceAddress(text: string): SourceAddress {
  const trimmed = text.trim();
  const full = completed(trimmed);
  const url = isAbsolute(full) ? pathUrl(full) : URL.canParse(full) ? new URL(full) : undefined;
  const kind = url === undefined ? undefined : (SOURCE_KINDS as Record<string, SourceKind | undefined>)[url.protocol];
  if (url === undefined || kind === undefined) {
    const known = Object.keys(SOURCE_KINDS).map((scheme) => `${scheme}//`).join(', ');
    throw new SourceError('source-address', `A source is an address that starts with ${known}, or the absolute path of a file.`);
  }
  if (kind === 'file' && url.host !== '') {
    throw new SourceError('source-address', 'A file address names no host: file:///folder/name.mp4');
  }
  const path = url.pathname.replaceAll('%3A', ':');
  if (kind === 'file' && CAMERA_PATH.test(path)) throw new SourceError('source-address', `${path} is a camera, not a file. Write v4l2://${path}`);
  if (kind === 'publish' && !/^publish:(\/\/)?$/.test(url.href)) {
    throw new SourceError('source-address', 'The address of a stream that is published holds nothing more: publish://');
  }
  return { kind, url };
}

/** @throws SourceError `source-address` where this server is told not to take such addresses */
export function checkScheme({ protocol }: URL, schemes: readonly string[]): void {
  if (schemes.includes(protocol.slice(0, -1))) return;
  throw new SourceError('source-address', `Sources of ${protocol}// are not allowed here (sources.allow).`);
}

/** Query parameters that carry a secret. */
const SECRET_PARAMETER = /^(token|key|secret|pass(word|phrase)?|auth|access_token|streamkey)$/i;

/** An address that may be shown: user name and password are taken out, and what usually is a secret in its query. */
export function publicAddress(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  for (const name of [...shown.searchParams.keys()]) {
    if (SECRET_PARAMETER.test(name)) shown.searchParams.set(name, '***');
  }
  return shown.href;
}

/** `udp://:5000` and `udp://@:5000` mean all addresses of this machine, `x11://:0` its first screen: what URLs can't say. */
function completed(text: string): string {
  return text.replace(/^(udp|srt|rtp):\/\/@?(?=:\d)/i, '$1://0.0.0.0').replace(/^(udp|rtp):\/\/@/i, '$1://').replace(/^x11:\/\/(?=:)/i, 'x11:///');
}

/**
 * The real path of a `file:` address, if it lies in one of the folders that files may be read from.
 * @throws SourceError `source-address` outside of them, `source-not-found` where nothing is there
 */
export async function allowedFile(url: URL, mediaRoots: readonly string[]): Promise<string> {
  const path = resolve(filePath(url));
  const roots = await Promise.all(mediaRoots.map(existing));
  if (!roots.some((root) => within(path, root)) && !mediaRoots.some((root) => within(path, resolve(root)))) {
    throw outside(path);
  }
  const real = await realpath(path).catch((cause: unknown) => {
    throw new SourceError('source-not-found', `There is no file ${path}.`, { cause });
  });
  if (!roots.some((root) => within(real, root))) throw outside(path);
  return real;
}

function filePath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new SourceError('source-address', 'This file address can’t be turned into a path.', { cause });
  }
}

function outside(path: string): SourceError {
  return new SourceError('source-address', `${path} lies outside the folders that files may be read from (mediaRoots).`);
}

async function existing(root: string): Promise<string> {
  return realpath(root).catch(() => resolve(root));
}

function within(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

function pathUrl(path: string): URL {
  const url = new URL('file:///');
  url.pathname = path.split('/').map(encodeURIComponent).join('/');
  return url;
}
