/**
 * Gets mediasoup's worker: one that is told by MEDIASOUP_WORKER_BIN, one in the cache, its project's own prebuilt binary, or one
 * that is built here from the npm package. None is taken before it has completed a DTLS handshake.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { filesBelow } from '../lib/files.mjs';
import { cacheDir, nodeBinary, ROOT } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { progress, say, SetupError } from '../lib/say.mjs';
import { buildWorker } from './build.mjs';

const HERE = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const PACKAGE = join(ROOT, 'node_modules', 'mediasoup');
/** Milliseconds to wait for the first byte of the prebuilt binary: many networks let nothing through. */
const DOWNLOAD_START_MS = 8000;
/** A lock older than this was left by a process that is gone; a build takes some minutes. */
const STALE_LOCK_MS = 30 * 60_000;

/** Where a good worker for this version, machine and recipe is, or will be. @returns {Promise<string>} */
export async function workerPath() {
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  return join(cacheDir(), 'mediasoup-worker', `${version}-${process.platform}-${process.arch}-${await recipeHash()}`, 'mediasoup-worker');
}

/** @returns {Promise<string>} path of a worker that works */
export async function ensureWorker() {
  const told = process.env.MEDIASOUP_WORKER_BIN;
  if (told) {
    if (!existsSync(told)) throw new SetupError(`MEDIASOUP_WORKER_BIN names ${told}, where there is nothing.`, 'Correct the variable, or unset it to have a worker made.');
    return told;
  }
  const path = await workerPath();
  if (await isIntact(path)) return path;
  return locked(dirname(path), async () => {
    if (await isIntact(path)) return path;
    await rm(dirname(path), { recursive: true, force: true });
    const folder = await mkdtemp(`${dirname(path)}.making-`);
    try {
      const made = (await downloaded(folder)) ?? (await built(folder));
      await chmod(made, 0o755);
      await writeFile(`${dirname(made)}/sha256`, await sha256(made));
      await rename(dirname(made), dirname(path));
      return path;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

/** Whether a worker passes the smoke test. @param {string} binary */
export async function works(binary) {
  const { code, output } = await run(nodeBinary(), [join(HERE, 'smoke-test.mjs')], { cwd: ROOT, env: { ...process.env, MEDIASOUP_WORKER_BIN: binary } });
  if (code !== 0) progress(output.trim().split('\n').at(-1) ?? '');
  return code === 0;
}

/** @param {string} folder */
async function downloaded(folder) {
  const { version, repository } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'));
  const kernel = process.platform === 'linux' ? `-kernel${Number(release().split('.')[0])}` : '';
  const base = process.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL ?? `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  const url = `${base}/${version}/mediasoup-worker-${version}-${process.platform}-${process.arch}${kernel}.tgz`;
  say('looking for a prebuilt mediasoup worker');
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_START_MS * 8) });
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    const archive = join(folder, 'worker.tgz');
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    const target = join(folder, 'prebuilt');
    await mkdir(target);
    if ((await run('tar', ['-xzf', archive, '-C', target])).code !== 0) throw new Error('it is no archive');
    const binary = join(target, 'mediasoup-worker');
    await chmod(binary, 0o755);
    if (!(await works(binary))) throw new Error('it does not run here');
    return binary;
  } catch (error) {
    const cause = error instanceof Error ? /** @type {Error & { cause?: Error }} */ (error).cause : undefined;
    say(`no prebuilt worker can be had (${cause?.message ?? (error instanceof Error ? error.message : error)}); building one, which takes some minutes, once`);
    return undefined;
  }
}

/** @param {string} folder */
async function built(folder) {
  const binary = await buildWorker({ worker: join(PACKAGE, 'worker'), recipe: HERE, folder });
  if (!(await works(binary))) {
    throw new SetupError('The mediasoup worker was built but fails its handshake test.', `Run this for details:\n\n  MEDIASOUP_WORKER_BIN=${binary} ${nodeBinary()} scripts/mediasoup-worker/smoke-test.mjs`);
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

/** @param {string} file */
async function sha256(file) {
  return createHash('sha256').update(await readFile(file)).digest('hex');
}

/** Of all files that decide what is built. */
async function recipeHash() {
  const hash = createHash('sha256');
  for (const file of filesBelow(HERE)) hash.update(file.slice(HERE.length)).update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

/**
 * Lets one process at a time make a worker; others wait for it.
 * @template T
 * @param {string} target
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
async function locked(target, make) {
  await mkdir(dirname(target), { recursive: true });
  const lock = `${target}.lock`;
  for (let told = false; ; ) {
    try {
      await mkdir(lock);
      break;
    } catch {
      const age = Date.now() - (await stat(lock).then(({ mtimeMs }) => mtimeMs, () => Date.now()));
      if (age > STALE_LOCK_MS) await rm(lock, { recursive: true, force: true });
      if (!told) say('another start is making the mediasoup worker; waiting for it');
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
  const free = () => rm(lock, { recursive: true, force: true });
  const interrupted = () => void free().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    return await make();
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await free();
  }
}
