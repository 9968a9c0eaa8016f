/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lock
 */

/**
 * Whether what npm installed is what the lock file asks for. npm writes what it installed into `node_modules/.package-lock.json`
 * after everything else, so that an installation that was broken off has none.
 * @param {Lock} wanted package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json
 */
export function isInStep(wanted, installed) {
  const here = installed.packages ?? {};
  const asked = Object.entries(wanted.packages ?? {}).filter(([path]) => path !== '');
  // Optional packages are those of other platforms for the most part; npm leaves them out.
  const complete = asked.every(([path, entry]) => (here[path] === undefined ? entry.optional === true : isSame(entry, here[path])));
  return complete && Object.keys(here).every((path) => wanted.packages?.[path] !== undefined);
}

/**
 * About how many packages npm installs: all but those of other platforms.
 * @param {Lock} wanted package-lock.json
 * @param {{ platform: string, arch: string }} machine as Node names them
 */
export function countFor(wanted, { platform, arch }) {
  const suits = (/** @type {string[] | undefined} */ list, /** @type {string} */ value) => list === undefined || list.includes(value);
  return Object.entries(wanted.packages ?? {}).filter(([path, { os, cpu, libc }]) => path !== '' && suits(os, platform) && suits(cpu, arch) && suits(libc, 'glibc')).length;
}

/** @param {LockedPackage} a @param {LockedPackage} b */
function isSame(a, b) {
  return a.version === b.version && a.integrity === b.integrity;
}
