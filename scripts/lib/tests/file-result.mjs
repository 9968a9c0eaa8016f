/** @typedef {import('./record-reporter.mjs').Began | import('./record-reporter.mjs').Ended | import('./record-reporter.mjs').Counts} RecordLine */

/**
 * What became of a test file.
 * @typedef {object} FileResult
 * @property {string} name of the file, for people
 * @property {number} ms milliseconds it took, from the start of its process to its end
 * @property {number} passed
 * @property {number} failed at least one where anything went wrong, also outside its tests
 * @property {number} skipped
 * @property {string} [error] the first thing that went wrong, in a line or some, with the test that it went wrong in
 * @property {readonly { name: string, ms: number }[]} tests those that ended, in this order; of a test within a test, the inner one
 */

/**
 * How the process of a test file ended.
 * @typedef {object} FileEnd
 * @property {string} name
 * @property {number} ms
 * @property {string | undefined} trouble how it ended, where it did not end well
 * @property {string} output the end of what it printed
 */

/**
 * @param {FileEnd} end
 * @param {string} text of `record-reporter.mjs`; may break off
 * @returns {FileResult}
 */
export function resultOf({ name, ms, trouble, output }, text) {
  /** @type {string[]} */
  const open = [];
  /** @type {FileResult['tests'][number][]} */
  const tests = [];
  const counted = { passed: 0, failed: 0, skipped: 0 };
  /** @type {import('./record-reporter.mjs').Counts | undefined} */
  let counts;
  /** @type {string | undefined} */
  let error;
  /** The runner does not count them, nor what stands in them. */
  let skippedSuites = 0;
  /** How deep the test that ended last was. */
  let last = 0;
  for (const line of linesOf(text)) {
    if (line.type === 'counts') counts = line;
    else if (line.type === 'began') {
      open.length = line.nesting;
      open.push(line.name);
    } else {
      open.length = line.nesting;
      const full = [...open, line.name].join(' › ');
      if (line.error) error ??= `${full}: ${line.error}`;
      if (line.suite && line.skipped) skippedSuites += 1;
      if (!line.suite) counted[line.skipped ? 'skipped' : line.error === undefined ? 'passed' : 'failed'] += 1;
      const isLeaf = last <= line.nesting;
      if (!line.suite && isLeaf && !line.skipped) tests.push({ name: full, ms: line.ms });
      last = line.nesting;
    }
  }
  const { passed, failed } = counts ?? counted;
  const skipped = (counts ?? counted).skipped + skippedSuites;
  if (trouble !== undefined && (counts === undefined || failed === 0)) {
    const within = counts === undefined && open.length > 0 ? ` in ${open.join(' › ')}` : '';
    const said = output.split('\n').find((line) => /Error\b.*: /.test(line))?.trim();
    error ??= `${trouble}${within}${said === undefined ? '' : `: ${said}`}`;
    return { name, ms, passed, failed: failed + 1, skipped, error, tests };
  }
  if (passed + failed + skipped === 0) return { name, ms, passed, failed: 1, skipped, error: 'has no test', tests };
  return { name, ms, passed, failed, skipped, ...(failed > 0 ? { error: error ?? 'failed without a word' } : {}), tests };
}

/** @param {string} text @returns {RecordLine[]} */
function linesOf(text) {
  // What stands behind the last line break was cut off in the middle.
  return text.split('\n').slice(0, -1).map((line) => /** @type {RecordLine} */ (JSON.parse(line)));
}
