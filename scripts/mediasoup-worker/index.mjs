/**
 * Gets mediasoup's worker: one that is told by MEDIASOUP_WORKER_BIN, one in the cache, its project's own prebuilt binary, or one
 * that is built here from the npm package. None gets into the cache before media has gone through it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesBelow } from '../lib/files.mjs';
import { doOnce } from '../lib/lock.mjs';
import { cacheDir, nodeBinary, ROOT } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { SetupError } from '../lib/say.mjs';
import { buildWorker } from './build.mjs';
import { downloadPrebuilt, prebuiltUrl } from './prebuilt.mjs';

/** @typedef {import('../lib/say.mjs').Log} Log */

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGE = join(ROOT, 'node_modules', 'mediasoup');
/** What decides on the binary, beside mediasoup's version. */
const RECIPE = ['CMakeLists.txt', 'patches.mjs', 'shims'];
/** How the worker ends when nobody but a shell starts it; a loader that misses a library ends with 127. */
const NO_PARENT = 41;

/**
 * Where a good worker for this version, machine and recipe is, or will be. Needs node_modules.
 * @returns {string}
 */
export function workerPath() {
  const hash = createHash('sha256');
  for (const file of RECIPE.flatMap((name) => (name.includes('.') ? [join(HERE, name)] : filesBelow(join(HERE, name))))) {
    hash.update(`${file.slice(HERE.length)}\0`).update(readFileSync(file));
  }
  const recipe = hash.digest('hex').slice(0, 12);
  return join(cacheDir(), 'mediasoup-worker', `${manifest().version}-${process.platform}-${process.arch}-${recipe}`, 'mediasoup-worker');
}

/**
 * @param {{ log: Log }} options
 * @returns {Promise<string>} path of a worker that works
 * @throws {SetupError} where none can be had
 */
export async function ensureWorker({ log }) {
  const told = process.env.MEDIASOUP_WORKER_BIN;
  if (told) {
    if (!(await starts(told))) throw new SetupError(`MEDIASOUP_WORKER_BIN names ${told}, which is no mediasoup worker that runs here.`, 'Correct the variable, or unset it to have a worker made.');
    return told;
  }
  const path = workerPath();
  await doOnce(`${dirname(path)}.lock`, {
    isDone: async () => (await isIntact(path)) && (await starts(path)),
    make: () => makeWorker(path, log),
    onWait: () => log.say('another start is making it; waiting for it'),
  });
  return path;
}

/**
 * Whether media goes through a worker, or what goes wrong.
 * @param {string} binary
 * @returns {Promise<string | undefined>} undefined where it works
 */
export async function problemOf(binary) {
  const { code, output } = await run(nodeBinary(), [join(HERE, 'smoke-test.mjs')], { cwd: ROOT, env: { ...process.env, MEDIASOUP_WORKER_BIN: binary } });
  return code === 0 ? undefined : (output.trim().split('\n').at(-1) ?? `exit status ${code}`);
}

/** @returns {{ version: string, repository: { url: string } }} */
function manifest() {
  return JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
}

/** @param {string} path @param {Log} log */
async function makeWorker(path, log) {
  const place = dirname(path);
  const cache = dirname(place);
  const prefix = `${basename(place)}.making-`;
  // What a start that was killed has left, and a worker that was found wanting.
  for (const name of await readdir(cache)) if (name.startsWith(prefix)) await rm(join(cache, name), { recursive: true, force: true });
  await rm(place, { recursive: true, force: true });
  const folder = await mkdtemp(join(cache, prefix));
  try {
    const made = (await prebuilt(folder, log)) ?? (await built(folder, log));
    const target = join(folder, 'good');
    await mkdir(target);
    await rename(made, join(target, basename(path)));
    await chmod(join(target, basename(path)), 0o755);
    await writeFile(join(target, 'sha256'), await sha256(join(target, basename(path))));
    await rename(target, place);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  log.say('ready: media went through it');
}

/** @param {string} folder @param {Log} log @returns {Promise<string | undefined>} */
async function prebuilt(folder, log) {
  // The variables are those of mediasoup's own install script.
  if (process.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD) return undefined;
  const url = prebuiltUrl(manifest(), { base: process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL });
  log.say('looking for a prebuilt one');
  try {
    const target = join(folder, 'prebuilt');
    await mkdir(target);
    const binary = await downloadPrebuilt({ url, folder: target, log });
    const problem = await problemOf(binary);
    if (problem !== undefined) throw new Error(`it does not work here: ${problem}`);
    return binary;
  } catch (error) {
    const { message, cause } = /** @type {Error & { cause?: NodeJS.ErrnoException }} */ (error);
    log.say(`no prebuilt one can be had (${cause?.message || cause?.code || message}), so one is built`);
    return undefined;
  }
}

/** @param {string} folder @param {Log} log */
async function built(folder, log) {
  const binary = await buildWorker({ worker: join(PACKAGE, 'worker'), recipe: HERE, folder, log });
  log.say('trying it');
  const problem = await problemOf(binary);
  if (problem !== undefined) {
    throw new SetupError(
      `The mediasoup worker was built, but no media goes through it: ${problem}`,
      'The libraries of this system may be other ones than those of Debian 12. A worker from elsewhere is used when MEDIASOUP_WORKER_BIN names it.',
    );
  }
  return binary;
}

/** A half-written or damaged file is not taken for a worker. @param {string} path */
async function isIntact(path) {
  try {
    return (await readFile(join(dirname(path), 'sha256'), 'utf8')) === (await sha256(path));
  } catch {
    return false;
  }
}

/** Libraries that a cached worker needs may have gone with an upgrade of the system. @param {string} binary */
async function starts(binary) {
  return (await run(binary, [], { env: { ...process.env, MEDIASOUP_VERSION: undefined } })).code === NO_PARENT;
}

/** @param {string} file */
async function sha256(file) {
  return createHash('sha256').update(await readFile(file)).digest('hex');
}
