/**
 * `node scripts/assemble.mjs FOLDER`: puts together what a server needs to run and nothing else, for an image or another machine of
 * the same system: sources, built client, models, packages without those of development, and the worker. It runs by
 * `MEDIASOUP_WORKER_BIN=FOLDER/libexec/mediasoup-worker FOLDER/node_modules/.bin/node FOLDER/src/main.ts`.
 */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMain, ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { fail, say, SetupError, stepLog } from './lib/say.mjs';
import { setup } from './setup.mjs';

/** Files and folders of the checkout; `scripts/lib` because `bin/framelock.mjs` uses it. */
export const PARTS = ['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'src', 'models', 'client/dist', 'bin', 'scripts/lib'];

/** @param {string} target */
async function assemble(target) {
  if (existsSync(target) && (await readdir(target)).length > 0) throw new SetupError(`${target} is not empty.`, 'Name a folder that is, or a new one.');
  const { env } = await setup({ only: ['packages', 'worker', 'client'] });
  for (const part of PARTS) await cp(join(ROOT, part), join(target, part), { recursive: true });
  const worker = join(target, 'libexec', 'mediasoup-worker');
  await mkdir(dirname(worker));
  await copyFile(env.MEDIASOUP_WORKER_BIN ?? '', worker);

  const log = stepLog('packages without those of development');
  log.say('installing');
  const { code, output } = await run('npm', ['ci', '--omit=dev', '--include=optional'], { cwd: target });
  if (code !== 0) throw new SetupError(`npm ci failed in ${target} (exit status ${code}).`, output.slice(-1500));
  say(`Everything that a server needs is in ${target}.`);
}

if (isMain(import.meta.url)) {
  try {
    const [target] = process.argv.slice(2);
    if (target === undefined) throw new SetupError('A folder has to be named.', 'node scripts/assemble.mjs FOLDER');
    await assemble(resolve(target));
  } catch (error) {
    fail(error);
  }
}
