import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './say.mjs';

/** The checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where what is expensive to make is kept, for all checkouts of this person. */
export function cacheDir() {
  return process.env.FRAMELOCK_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'framelock');
}

/**
 * The Node that everything runs on: the pinned one from npm, else this one where it is new enough.
 * @returns {string} path of its binary
 */
export function nodeBinary() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  try {
    const manifest = createRequire(join(ROOT, 'package.json')).resolve(`node-${platform}-${process.arch}/package.json`);
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(binary)) return binary;
  } catch {
    // Not every platform has a package; below says what follows from that.
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  throw new SetupError(
    `There is no packaged Node 24 for ${platform}-${process.arch}, and this is Node ${process.versions.node}.`,
    'Install Node 24 or newer from https://nodejs.org and run the command again.',
  );
}
