import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { allowedFile } from './address.ts';
import { LiveSource } from './live-source.ts';
import type { InputOptions } from './media-input.ts';
import { PacedSource } from './paced-source.ts';
import { sdpInput } from './rtp-input.ts';
import { SourceError, type Source, type SourceContext } from './source.ts';

/** Most files of a folder that are played. */
const MAX_FILES = 10_000;
/** Longest session description, in bytes. */
const MAX_SDP = 65_536;
/** Names of media; others in a folder are passed over. */
const MEDIA = /\.(mp4|m4v|mov|mkv|webm|avi|ts|m2ts|mts|mpg|mpeg|flv|ogv|ogg|3gp|wmv|asf|mxf|h264|264|h265|265|hevc|ivf|mjpeg|mjpg|gif)$/i;

/** A file, the files of a folder in the order of their names, or, as `.sdp`, the RTP that a session description tells of. */
export function fileSource(url: URL, context: SourceContext): Source {
  if (/\.sdp$/i.test(url.pathname)) return new LiveSource(url, context, async () => sdpInput(await readSdp(url, context.mediaRoots)));
  return new PacedSource(context, () => filesOf(url, context.mediaRoots));
}

async function filesOf(url: URL, mediaRoots: readonly string[]): Promise<InputOptions[]> {
  const path = await allowedFile(url, mediaRoots);
  if (!(await stat(path)).isDirectory()) return [input(path)];
  const names = (await readdir(path)).filter((name) => MEDIA.test(name)).sort(byName.compare).slice(0, MAX_FILES);
  const found = await Promise.all(names.map((name) => allowedFile(pathToFileURL(join(path, name)), mediaRoots).catch(() => undefined)));
  const files = found.filter((file) => file !== undefined);
  if (files.length === 0) throw new SourceError('source-not-found', `The folder ${path} holds no file of a known kind of video.`);
  return files.map(input);
}

/** `clip 2` comes before `clip 10`. */
const byName = new Intl.Collator('en', { numeric: true });

function input(path: string): InputOptions {
  return { address: path, name: path, protocols: ['file'] };
}

async function readSdp(url: URL, mediaRoots: readonly string[]): Promise<string> {
  const path = await allowedFile(url, mediaRoots);
  if ((await stat(path)).size > MAX_SDP) throw new SourceError('source-invalid', `${path} is too long for a session description.`);
  return readFile(path, 'utf8');
}
