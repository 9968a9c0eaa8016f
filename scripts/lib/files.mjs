import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * All files below a folder, sorted.
 * @param {string} folder
 * @returns {string[]} absolute paths
 */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort();
}
