import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SetupError } from './say.mjs';

/** The checkout. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** Of the Node that the sources need: TypeScript without a build, `node:sqlite`. */
const LEAST_NODE = 24;

/** Whether a module is what Node was started with, rather than imported. @param {string} url its `import.meta.url` */
export function isMain(url) {
  return process.argv[1] !== undefined && url === pathToFileURL(process.argv[1]).href;
}

/** Where what is expensive to make is kept, for all checkouts of this person. */
export function cacheDir() {
  return process.env.FRAMELOCK_CACHE_DIR || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'framelock');
}

/** Path of the Node that npm installs for this platform; whether or not it is there yet, or at all. */
export function pinnedNode() {
  const [platform, file] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  return join(ROOT, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
}

/**
 * The Node that everything runs on: the pinned one, else this one where it is new enough.
 * @returns {string} path of its binary
 * @throws {SetupError} where there is neither
 */
export function nodeBinary() {
  const pinned = pinnedNode();
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= LEAST_NODE) return process.execPath;
  throw new SetupError(
    `There is no Node ${LEAST_NODE} here for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}.`,
    `Run npm run setup, which gets one where npm has it for this platform; else install Node ${LEAST_NODE} or newer from https://nodejs.org.`,
  );
}
