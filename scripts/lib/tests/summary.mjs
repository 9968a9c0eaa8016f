/** @typedef {import('./file-result.mjs').FileResult} FileResult */

/** How many of the slowest files and tests are named. */
const SLOWEST_FILES = 10;
const SLOWEST_TESTS = 20;
/** Milliseconds below which nothing is called slow. */
const SLOW_MS = 1000;
/** So many files may fail once and pass alone; more are no accident. */
const FLAKY_FILES = 3;

/** So many lines of an error are shown again at the end. */
const ERROR_LINES = 10;

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/**
 * @param {readonly FileResult[]} results
 * @returns {string[]} lines that name what took longest
 */
export function slowest(results) {
  const tests = results.flatMap((file) => file.tests.map(({ name, ms }) => ({ name: `${file.name} › ${name}`, ms })));
  return [...list('Slowest files', results, SLOWEST_FILES), ...list('Slowest tests', tests, SLOWEST_TESTS)];
}

/**
 * @param {string} title
 * @param {readonly { name: string, ms: number }[]} what
 * @param {number} length
 */
function list(title, what, length) {
  const slow = what.filter(({ ms }) => ms >= SLOW_MS).toSorted((a, b) => b.ms - a.ms).slice(0, length);
  return slow.length === 0 ? [] : ['', `${title}:`, ...slow.map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`)];
}

/**
 * What a run comes to where files that failed ran once more.
 * @param {readonly FileResult[]} results
 * @param {ReadonlyMap<string, FileResult>} again by name, of the files that ran once more
 * @returns {{ lines: string[], totals: Totals }} lines that name the flaky files, and the totals of the run that counts of each file: of a
 *   flaky one the second, unless there are too many
 */
export function judge(results, again) {
  const isFlaky = (/** @type {FileResult} */ { name, failed }) => failed > 0 && again.get(name)?.failed === 0;
  const flaky = results.filter(isFlaky);
  const forgiven = flaky.length <= FLAKY_FILES;
  const counting = results.map((result) => (forgiven && isFlaky(result) ? /** @type {FileResult} */ (again.get(result.name)) : result));
  const sum = (/** @type {keyof Totals} */ key) => counting.reduce((total, result) => total + result[key], 0);
  return { lines: flakyLines(flaky, forgiven), totals: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') } };
}

/** @param {readonly FileResult[]} flaky @param {boolean} forgiven */
function flakyLines(flaky, forgiven) {
  if (flaky.length === 0) return [];
  const verdict = forgiven ? '' : `; more than ${FLAKY_FILES} such files are no accident, so they count as failed`;
  return ['', `flaky: failed, then passed alone${verdict}`, ...flaky.flatMap(errorLines)];
}

/** A file's name, and what went wrong in it first. @param {FileResult} result */
export function errorLines({ name, error }) {
  return [`  ${name}`, ...(error ?? '').split('\n').slice(0, ERROR_LINES).map((line) => `    ${line}`.trimEnd())];
}
