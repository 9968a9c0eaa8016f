import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { SetupError } from './say.mjs';

/** Another apt may be at work, above all on a machine that has just been started: seconds to wait for it. */
const APT_LOCK_S = 300;

/**
 * Installs Debian packages that are missing, as root or with sudo.
 * @param {readonly string[]} names
 * @param {{ purpose: string, log: import('./say.mjs').Log }} options `purpose` goes into the sentence “packages are needed …”
 * @throws {SetupError} with the command that a person can run instead
 */
export async function ensureDebian(names, { purpose, log }) {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(`Packages are needed ${purpose}: ${missing.join(', ')}.`, 'This system has no apt-get. Install what these Debian packages hold with its own package manager.');
  }
  const prefix = await rootPrefix(log, purpose);
  if (prefix === undefined) {
    throw new SetupError(`Debian packages are needed ${purpose}, and this is neither root nor somebody who may use sudo.`, `Have this run as root, then run the same command again:\n\n  apt-get update && ${command}`);
  }
  log.say(`installing Debian packages ${purpose}: ${missing.join(' ')}`);
  const apt = (/** @type {string[]} */ ...args) => {
    const [program = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-o', `DPkg::Lock::Timeout=${APT_LOCK_S}`, ...args];
    return run(program, rest, {
      onLine: (line) => {
        if (/^(Get|Unpacking|Setting up|Selecting|Waiting)/.test(line)) log.progress(line);
      },
    });
  };
  const update = await apt('update');
  const { code, output } = await apt('install', '-y', '--no-install-recommends', ...missing);
  if (code !== 0) {
    const said = `${update.code === 0 ? '' : update.output}\n${output}`.split('\n').filter((line) => /^(E|Err|W):?/.test(line)).slice(-8);
    throw new SetupError(`apt-get could not install what is needed ${purpose}.`, `${said.join('\n') || output.slice(-1500)}\n\nThe command was: ${command}`);
  }
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<string[]>} those that are not installed; all where there is no dpkg
 */
export async function missingPackages(names) {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
  return notInstalled(names, output);
}

/**
 * @param {readonly string[]} names
 * @param {string} listing lines of `NAME STATUS` among others
 */
export function notInstalled(names, listing) {
  const installed = new Set(listing.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])));
  return names.filter((name) => !installed.has(name));
}

/**
 * What goes before a command so that it runs as root.
 * @param {import('./say.mjs').Log} log
 * @param {string} purpose
 * @returns {Promise<string[] | undefined>} undefined where there is no way
 */
async function rootPrefix(log, purpose) {
  if (process.getuid?.() === 0) return [];
  if ((await run('sudo', ['-n', 'true'])).code === 0) return ['sudo', '-n'];
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true || (await run('sudo', ['-V'])).code !== 0) return undefined;
  log.say(`Debian packages are needed ${purpose}; sudo asks for your password`);
  return spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status === 0 ? ['sudo', '-n'] : undefined;
}
