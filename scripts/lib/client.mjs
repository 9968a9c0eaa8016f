import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './files.mjs';
import { doOnce } from './lock.mjs';
import { checkoutLock } from './packages.mjs';
import { nodeBinary, ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { SetupError } from './say.mjs';

const MARK = join(ROOT, 'client', 'dist', '.source-hash');

/**
 * Builds the web client unless what was built is of the same sources.
 * @param {{ log: import('./say.mjs').Log }} options
 */
export async function ensureClient({ log }) {
  const hash = sourceHash();
  await doOnce(checkoutLock('client'), {
    isDone: () => existsSync(MARK) && readFileSync(MARK, 'utf8') === hash,
    make: async () => {
      log.say('building');
      const { code, output } = await run(nodeBinary(), [viteBinary(), 'build', 'client'], { cwd: ROOT });
      if (code !== 0) throw new SetupError('The web client could not be built.', output.slice(-3000));
      writeFileSync(MARK, hash);
    },
    onWait: () => log.say('another start is building it; waiting for it'),
  });
}

/** Path of Vite's command line. */
export function viteBinary() {
  return join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
}

/**
 * Everything that goes into the bundle but packages: the client's files, and what they take from the server's by relative imports
 * (types leave no trace).
 * @param {string} root the checkout
 * @returns {string[]} paths, sorted
 */
export function clientSources(root) {
  const client = join(root, 'client');
  const found = new Set(filesBelow(client).filter((file) => !file.startsWith(join(client, 'dist'))));
  // What is added on the way is visited too.
  for (const file of found) {
    if (!file.endsWith('.ts')) continue;
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '(\.[^']+)'/gm)) {
      const target = join(dirname(file), path);
      if (existsSync(target)) found.add(target);
    }
  }
  return [...found].sort();
}

function sourceHash() {
  const hash = createHash('sha256');
  for (const file of [...clientSources(ROOT), join(ROOT, 'package-lock.json')]) hash.update(`${file.slice(ROOT.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}
