/**
 * `npm test`: sets up, lints, type-checks, then runs unit, contract, page, browser and network tests, and closes with one line of totals.
 * `npm test -- unit/rtp contract/worker` runs only the test files whose path contains one of the words, without the checks.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from './lib/files.mjs';
import { endWithNpm } from './lib/npm-parent.mjs';
import { ROOT } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { fail, say } from './lib/say.mjs';
import { setup } from './setup.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/** In this order. Tests with servers and of pages wait more than they work, so that several are not in each other's way; video in a browser wants the machine for itself. */
const SUITES = [
  { name: 'unit', parallel: availableParallelism() },
  { name: 'contract', parallel: 3 },
  { name: 'pages', parallel: 2 },
  { name: 'browser', parallel: 1 },
  { name: 'network', parallel: 1 },
];
/** Milliseconds that one test file may take; also ends one that has left something open. */
const FILE_LIMIT_MS = 300_000;
const CHECKS = [
  { doing: 'linting', tool: 'node_modules/eslint/bin/eslint.js', args: ['.'] },
  { doing: 'checking the directions of imports', tool: 'scripts/check-imports.mjs', args: [] },
  { doing: 'checking the types of server and tests', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { doing: 'checking the types of the web client', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'client/tsconfig.json'] },
];

const words = process.argv.slice(2);
const print = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);

endWithNpm();
try {
  const { node, env } = await setup({ tests: true });
  const results = words.length === 0 ? [await check(node, env)] : [];
  for (const { name, parallel } of SUITES) {
    const files = testFiles(name);
    if (files.length > 0) results.push(await runSuite(name, files, parallel, node, env));
  }
  const sum = (/** @type {keyof Totals} */ key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  if (passed + failed === 0) say(`No test ran${words.length > 0 ? `: no file of test/ matches ${words.join(' or ')}` : ''}.`);
  print(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
} catch (error) {
  fail(error);
}

/**
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Totals>} each check that fails counts as one
 */
async function check(node, env) {
  const codes = await Promise.all(
    CHECKS.map(async ({ doing, tool, args }) => {
      say(doing);
      /** @type {string[]} */
      const lines = [];
      const { code } = await run(node, [join(ROOT, tool), ...args], { cwd: ROOT, env, onLine: (line) => lines.push(line) });
      lines.forEach(print);
      return code;
    }),
  );
  return { passed: 0, failed: codes.filter((code) => code !== 0).length, skipped: 0 };
}

/**
 * @param {string} name
 * @param {string[]} files
 * @param {number} parallel how many files at a time
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Totals>}
 */
async function runSuite(name, files, parallel, node, env) {
  say(`${name} tests: ${files.length} files`);
  const folder = await mkdtemp(join(tmpdir(), 'framelock-tests-'));
  const report = join(folder, 'totals.json');
  try {
    const reporters = ['spec', 'stdout', join(ROOT, 'scripts/lib/totals-reporter.mjs'), report];
    const args = reporters.map((value, i) => `--test-reporter${i % 2 === 0 ? '' : '-destination'}=${value}`);
    const limits = [`--test-concurrency=${parallel}`, `--test-timeout=${FILE_LIMIT_MS}`];
    const preload = ['--import', join(ROOT, 'scripts/lib/flush-reports.mjs')];
    const { code } = await run(node, [...preload, '--test', '--test-force-exit', ...args, ...limits, ...files], { cwd: ROOT, env: { ...env, NODE_ENV: 'test' }, onLine: print });
    /** @type {Totals} */
    const totals = existsSync(report) ? JSON.parse((await readFile(report, 'utf8')) || 'null') : null;
    // A runner that broke off has failed, whatever it counted.
    if (totals === null || (code !== 0 && totals.failed === 0)) return { passed: totals?.passed ?? 0, failed: 1, skipped: totals?.skipped ?? 0 };
    return totals;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} suite */
function testFiles(suite) {
  const folder = join(ROOT, 'test', suite);
  if (!existsSync(folder)) return [];
  return filesBelow(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => words.length === 0 || words.some((word) => file.slice(ROOT.length).includes(word)));
}
