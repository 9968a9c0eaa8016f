/**
 * `npm test`: sets up, lints, type-checks, then runs unit, contract and browser tests, and closes with one line of totals.
 * `npm test -- unit/rtp contract/worker` runs only the test files whose path contains one of the words, without the checks.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './lib/files.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { fail, say } from './lib/say.mjs';
import { setup } from './setup.mjs';

/** In this order; browsers and servers want the machine for themselves. */
const SUITES = [
  { name: 'unit', parallel: availableParallelism() },
  { name: 'contract', parallel: 1 },
  { name: 'browser', parallel: 1 },
];
/** Milliseconds that one test file may take. */
const FILE_LIMIT_MS = 300_000;

const words = process.argv.slice(2);

try {
  const { node, env } = await setup({ tests: true });
  let failed = words.length === 0 ? await check(node, env) : 0;
  const totals = { pass: 0, fail: failed, skipped: 0 };
  for (const { name, parallel } of SUITES) {
    const files = testFiles(name);
    if (files.length === 0) continue;
    say(`${name} tests: ${files.length} files`);
    const args = ['--test', '--test-reporter=spec', `--test-concurrency=${parallel}`, `--test-timeout=${FILE_LIMIT_MS}`, '--test-force-exit', ...files];
    const counts = { pass: 0, fail: 0, skipped: 0, cancelled: 0 };
    const { code } = await run(node, args, {
      cwd: ROOT,
      env: { ...env, NODE_ENV: 'test' },
      onLine: (line) => {
        process.stdout.write(`${line}\n`);
        const count = /^ℹ (pass|fail|skipped|cancelled) (\d+)$/.exec(line);
        if (count !== null) counts[/** @type {keyof typeof counts} */ (count[1])] = Number(count[2]);
      },
    });
    totals.pass += counts.pass;
    totals.skipped += counts.skipped;
    totals.fail += counts.fail + counts.cancelled;
    // A runner that broke off has failed, whatever it counted.
    if (code !== 0 && counts.fail + counts.cancelled === 0) totals.fail += 1;
  }
  if (totals.pass + totals.fail === 0) say(`no test matches ${words.join(' ')}`);
  process.stdout.write(`\n${totals.pass} passed, ${totals.fail} failed, ${totals.skipped} skipped\n`);
  process.exitCode = totals.fail === 0 && totals.pass > 0 ? 0 : 1;
} catch (error) {
  fail(error);
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} how many of the checks failed
 */
async function check(node, env) {
  const tools = [
    ['linting', 'eslint/bin/eslint.js', ['.']],
    ['checking types of server and tests', 'typescript/bin/tsc', ['-p', 'tsconfig.json']],
    ['checking types of the client', 'typescript/bin/tsc', ['-p', 'client/tsconfig.json']],
  ];
  let failures = 0;
  for (const [doing, tool, args] of /** @type {[string, string, string[]][]} */ (tools)) {
    say(doing);
    const { code } = await run(node, [join(ROOT, 'node_modules', tool), ...args], { cwd: ROOT, env, onLine: (line) => process.stdout.write(`${line}\n`) });
    if (code !== 0) failures += 1;
  }
  return failures;
}

/** @param {string} suite */
function testFiles(suite) {
  return filesBelow(join(ROOT, 'test', suite))
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => words.length === 0 || words.some((word) => file.slice(ROOT.length).includes(word)));
}
