/**
 * `npm test`: sets up, lints, type-checks, and runs unit, contract, page, browser and network tests; closes with one line of totals.
 * A file that fails runs once more at the end: see docs/testing.md.
 *
 *     npm test -- unit/rtp contract/worker               only the test files whose path contains one of the words, without the checks
 *     npm test -- --repeat 10 --load contract/worker     again and again while every core is busy, and how often each file failed
 */
import { checks } from './lib/tests/checks.mjs';
import { busyLoops } from './lib/tests/busy-loops.mjs';
import { testFiles, wishes } from './lib/tests/plan.mjs';
import { repeatTests, runTests } from './lib/tests/run.mjs';
import { endWithNpm } from './lib/npm-parent.mjs';
import { fail, say } from './lib/say.mjs';
import { setup } from './setup.mjs';

/** Milliseconds that one test file may take: those that take a minute, on a machine ten times slower. */
const FILE_LIMIT_MS = 600_000;
/** Of the machine, for what is checked beside the first tests: they are slowed down little. */
const CHECKS_SHARE = 0.2;

endWithNpm();
try {
  const { words, repeat, load } = wishes(process.argv.slice(2));
  const { node, env } = await setup({ tests: true });
  const options = { node, env, limitMs: FILE_LIMIT_MS, print: (/** @type {string} */ text) => void process.stdout.write(text) };
  const files = testFiles(words);
  say(`${files.length} test files`);
  const { passed, failed, skipped } = await runAll();
  if (passed + failed === 0) say(`No test ran${words.length > 0 ? `: no file of test/ matches ${words.join(' or ')}` : ''}.`);
  options.print(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

  async function runAll() {
    if (repeat === undefined) return runTests(files, { ...options, ...(words.length === 0 ? { beside: { share: CHECKS_SHARE, run: () => checks(options) } } : {}) });
    const loops = load ? busyLoops(node) : undefined;
    try {
      return await repeatTests(files, repeat, options);
    } finally {
      loops?.stop();
    }
  }
} catch (error) {
  fail(error);
}
