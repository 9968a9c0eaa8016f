import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { filesBelow } from '../files.mjs';
import { ROOT } from '../paths.mjs';
import { SetupError } from '../say.mjs';

/** In this order, and how many of a suite's files fill the machine: tests with servers wait more than they work; video in a browser wants the machine for itself. */
const SUITES = [
  { name: 'unit', parallel: availableParallelism() },
  { name: 'contract', parallel: Math.max(5, availableParallelism()) },
  { name: 'pages', parallel: 3 },
  { name: 'browser', parallel: 1 },
  { name: 'network', parallel: 1 },
];

/** Files that judge times or rates come after all others, and so many of each fill the machine. @type {Readonly<Record<string, number>>} */
export const LAST = {
  'contract/audio/lip-sync.test.ts': 2,
  'contract/audio/lip-sync-live.test.ts': 2,
  'contract/external/workers.test.ts': 2,
  'contract/detect/running-changes.test.ts': 1,
  'browser/sound.test.ts': 1,
  'browser/three-detectors.test.ts': 1,
  'network/three-detectors.test.ts': 1,
};

/**
 * What is to be tested, and how.
 * @typedef {{ words: readonly string[], repeat: number | undefined, load: boolean }} Wishes `words`: a file's path contains one of them, where
 *   there are any; `repeat`: how often, where it is to be told how often each file fails; `load`: while every core is busy
 */

/** @param {readonly string[]} args @returns {Wishes} @throws {SetupError} */
export function wishes(args) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { repeat: { type: 'string' }, load: { type: 'boolean', default: false } }, allowPositionals: true });
    const repeat = values.repeat === undefined ? undefined : Number(values.repeat);
    if (repeat !== undefined && !(Number.isInteger(repeat) && repeat > 0)) throw new Error(`--repeat ${values.repeat} is not a number of times.`);
    return { words: positionals, repeat: repeat ?? (values.load ? 1 : undefined), load: values.load };
  } catch (error) {
    throw new SetupError(/** @type {Error} */ (error).message, 'npm test -- [--repeat N] [--load] [words that the paths of test files contain]');
  }
}

/**
 * The test files that are meant, in the order in which they run.
 * @param {readonly string[]} words
 * @returns {import('./run.mjs').TestFile[]}
 */
export function testFiles(words) {
  const files = SUITES.flatMap(({ name: suite, parallel }) => {
    return filesOf(suite).map((path) => {
      const name = relative(join(ROOT, 'test'), path);
      return { path, name, share: 1 / (LAST[name] ?? parallel) };
    });
  });
  const meant = files.filter(({ path }) => words.length === 0 || words.some((word) => path.slice(ROOT.length).includes(word)));
  return [...meant.filter(({ name }) => !(name in LAST)), ...meant.filter(({ name }) => name in LAST)];
}

/** @param {string} suite */
function filesOf(suite) {
  const folder = join(ROOT, 'test', suite);
  return existsSync(folder) ? filesBelow(folder).filter((file) => file.endsWith('.test.ts')) : [];
}
