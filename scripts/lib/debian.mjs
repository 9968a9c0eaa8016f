import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { progress, say, SetupError } from './say.mjs';

/**
 * Installs Debian packages that are missing, as root or with sudo.
 * @param {readonly string[]} names
 * @param {string} purpose ends the sentence “… needed …”
 */
export async function ensureDebian(names, purpose) {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(`Packages are needed ${purpose}: ${missing.join(', ')}.`, 'This is no Debian: install what they hold with this system’s own package manager.');
  }
  const root = process.getuid?.() === 0;
  if (!root && (await run('sudo', ['-n', 'true'])).code !== 0) {
    throw new SetupError(`Debian packages are needed ${purpose}.`, `Run this as root, then the same command again:\n\n  apt-get update && ${command}`);
  }
  say(`installing Debian packages ${purpose}: ${missing.join(' ')}`);
  const apt = (/** @type {string[]} */ args) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const onLine = (/** @type {string} */ line) => {
      if (/^(Get|Unpacking|Setting up|Selecting)/.test(line)) progress(line);
    };
    return root ? run('apt-get', args, { env, onLine }) : run('sudo', ['-n', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args], { onLine });
  };
  await apt(['update']);
  const { code, output } = await apt(['install', '-y', '--no-install-recommends', ...missing]);
  if (code !== 0) {
    throw new SetupError('apt-get could not install what is needed.', `${output.slice(-1500)}\n\nThe command was: ${command}`);
  }
}

/**
 * @param {readonly string[]} names
 * @returns {Promise<string[]>}
 */
export async function missingPackages(names) {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names]);
  const installed = new Set(output.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])));
  return names.filter((name) => !installed.has(name));
}
