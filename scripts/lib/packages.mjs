import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doOnce } from './lock.mjs';
import { countFor, isInStep } from './lockfile.mjs';
import { cacheDir, pinnedNode, ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { SetupError } from './say.mjs';

/** @typedef {import('./lockfile.mjs').Lock} Lock */

/**
 * Brings node_modules in step with package-lock.json; does nothing where it is.
 * @param {{ log: import('./say.mjs').Log }} options
 */
export async function ensurePackages({ log }) {
  await doOnce(checkoutLock('packages'), {
    isDone: packagesAreInStep,
    make: () => install(log),
    onWait: () => log.say('another start is installing them; waiting for it'),
  });
}

/** A lock for this checkout that outlives its node_modules. @param {string} name */
export function checkoutLock(name) {
  const checkout = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  return join(cacheDir(), 'locks', `${checkout}-${name}`);
}

/** @returns {boolean} */
export function packagesAreInStep() {
  const wanted = readLock('package-lock.json');
  const installed = readLock('node_modules/.package-lock.json');
  if (wanted === undefined || installed === undefined || !isInStep(wanted, installed)) return false;
  // Where there is a pinned Node for this platform it counts as asked for, although npm calls it optional.
  const pinned = pinnedNode();
  return wanted.packages?.[pinned.slice(ROOT.length + 1).split(/[\\/]bin[\\/]/)[0] ?? ''] === undefined || existsSync(pinned);
}

/** @param {string} path @returns {Lock | undefined} */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {import('./say.mjs').Log} log */
async function install(log) {
  const total = countFor(readLock('package-lock.json') ?? {}, process);
  log.say(`installing about ${total} (some 250 MB to download where npm's cache has none of it)`);
  let fetched = 0;
  // Not for the production environment that a server may set: the web client's build needs what npm calls development packages.
  const { code, output } = await run('npm', ['ci', '--include=dev', '--include=optional', '--loglevel=http'], {
    cwd: ROOT,
    onLine: (line) => {
      if (/\.tgz\b/.test(line) && /http (fetch|cache)/.test(line)) log.progress(`${++fetched} of about ${total} fetched`);
      if (/attempt \d+ failed/.test(line)) log.progress(line.replace(/^npm http fetch /, ''));
    },
  });
  if (code === 127) throw new SetupError('npm is not on the PATH.', 'Install Node 20 or newer together with npm, then run the command again.');
  if (code !== 0) {
    // Without stacks and dumped fields.
    const errors = output.split('\n').filter((line) => /^npm (error|ERR!) (?!\s|\}|$)/.test(line)).slice(0, 8).join('\n');
    throw new SetupError(
      `npm ci failed (exit status ${code}).`,
      `${errors || output.slice(-1500)}\n\nCheck that the npm registry can be reached (npm ping) and that the disk has 2 GB free, then run the command again.\nWhich registry and proxy npm uses: npm config get registry, npm config get https-proxy.`,
    );
  }
  if (!packagesAreInStep()) {
    throw new SetupError('npm ci ended well, but node_modules is not what package-lock.json asks for.', 'See npm config list: optional packages must not be left out (omit=optional).');
  }
}
