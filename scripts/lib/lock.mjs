import { rmSync } from 'node:fs';
import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SetupError } from './say.mjs';

/** The holder touches its lock this often (ms); one that was not touched for as long as STALE_MS was left by a process that is gone. */
const TOUCH_MS = 2000;
const STALE_MS = 15_000;
const RETRY_MS = 250;

/**
 * Does what is needed, one process at a time, and not again where another process has done it while this one waited.
 * @param {string} lock a path that nothing else uses; a folder is made there while work goes on
 * @param {{ isDone: () => Promise<boolean> | boolean, make: () => Promise<void>, onWait?: () => void }} work
 * @throws {SetupError} where the lock's folder can't be written
 */
export async function doOnce(lock, { isDone, make, onWait }) {
  if (await isDone()) return;
  await take(lock, onWait);
  const free = () => rmSync(lock, { recursive: true, force: true });
  process.on('exit', free);
  const touching = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), TOUCH_MS);
  try {
    if (!(await isDone())) await make();
  } finally {
    clearInterval(touching);
    process.off('exit', free);
    free();
  }
}

/**
 * @param {string} lock
 * @param {(() => void) | undefined} onWait called once, where somebody else has it
 */
async function take(lock, onWait) {
  await mkdir(dirname(lock), { recursive: true }).catch(refuse(lock));
  for (let told = false; !(await isTaken(lock)); ) {
    const touched = await stat(lock).then(({ mtimeMs }) => mtimeMs, () => Date.now());
    if (Date.now() - touched > STALE_MS) await rm(lock, { recursive: true, force: true });
    else {
      if (!told) onWait?.();
      told = true;
      await wait(RETRY_MS);
    }
  }
}

/** @param {string} lock @returns {Promise<boolean>} whether this process has it now */
function isTaken(lock) {
  return mkdir(lock).then(
    () => true,
    (/** @type {NodeJS.ErrnoException} */ error) => (error.code === 'EEXIST' ? false : refuse(lock)(error)),
  );
}

/** @param {string} lock @returns {(error: Error) => never} */
function refuse(lock) {
  return (error) => {
    throw new SetupError(`The folder ${dirname(lock)} can't be written: ${error.message}`, 'Set FRAMELOCK_CACHE_DIR to a folder that can.', { cause: error });
  };
}
