import { inShares } from './shares.mjs';
import { errorLines, judge, slowest } from './summary.mjs';
import { runTestFile } from './test-file.mjs';

/** @typedef {import('./file-result.mjs').FileResult} FileResult */
/** @typedef {{ path: string, name: string, share: number }} TestFile `name`: what it is called in front of people; `share`: of the machine */
/** @typedef {{ node: string, env: NodeJS.ProcessEnv, limitMs: number, print: (text: string) => void }} Options */

/** Where more files fail, it is not by chance, and none runs again. */
const MOST_AGAIN = 10;

/**
 * Runs test files, those that failed once more, alone, after all others; and tells how it went.
 * @param {readonly TestFile[]} files
 * @param {Options & { beside?: import('./shares.mjs').Job<FileResult[]> }} options `beside`: what else is part of the run, and begins first
 * @returns {Promise<import('./summary.mjs').Totals>}
 */
export async function runTests(files, { beside, ...options }) {
  const results = (await inShares([...(beside === undefined ? [] : [beside]), ...jobs(files, options)])).flat();
  const failed = files.filter(({ name }) => results.some((result) => result.name === name && result.failed > 0));
  /** @type {Map<string, FileResult>} */
  const again = new Map();
  for (const file of failed.length > MOST_AGAIN ? [] : failed) {
    options.print(`\nonce more, alone:\n`);
    again.set(file.name, await runShown(file, options));
  }
  const { lines, totals } = judge(results, again);
  const broken = results.filter(({ name, failed }) => failed > 0 && again.get(name)?.failed !== 0);
  const failures = broken.length === 0 ? [] : ['', 'failed:', ...broken.flatMap(errorLines)];
  for (const line of [...slowest(results), ...failures, ...lines]) options.print(`${line}\n`);
  return totals;
}

/**
 * Runs test files again and again, and tells how often each failed.
 * @param {readonly TestFile[]} files
 * @param {number} times
 * @param {Options} options
 * @returns {Promise<import('./summary.mjs').Totals>} of all runs
 */
export async function repeatTests(files, times, options) {
  /** @type {FileResult[]} */
  const results = [];
  // A round ends before the next: no file runs beside itself.
  for (let round = 1; round <= times; round += 1) {
    options.print(`\nround ${round} of ${times}\n`);
    results.push(...(await inShares(jobs(files, options))).flat());
  }
  options.print('\n');
  for (const { name } of files) {
    const failures = results.filter((result) => result.name === name && result.failed > 0);
    options.print(`${name}: failed ${failures.length} of ${times} times\n`);
    const [first] = failures;
    if (first !== undefined) errorLines(first).slice(1).forEach((line) => options.print(`${line}\n`));
  }
  return judge(results, new Map()).totals;
}

/** @param {readonly TestFile[]} files @param {Options} options */
function jobs(files, options) {
  const runOne = files.length === 1 ? runShown : runQuietly;
  return files.map((file) => ({ share: file.share, run: async () => [await runOne(file, options)] }));
}

/** Runs a file whose output is shown as it comes. @param {TestFile} file @param {Options} options */
async function runShown(file, options) {
  options.print(`${file.name}\n`);
  return runTestFile(file, options);
}

/** Runs a file whose output is shown at its end, apart from those beside it. @param {TestFile} file @param {Options} options */
async function runQuietly(file, options) {
  /** @type {string[]} */
  const texts = [];
  const result = await runTestFile(file, { ...options, print: (text) => texts.push(text) });
  options.print(`${file.name} (${(result.ms / 1000).toFixed(1)} s)\n${texts.join('')}`);
  return result;
}
