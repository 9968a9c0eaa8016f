import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { resultOf } from './file-result.mjs';
import { runGroup } from './groups.mjs';

/** Characters of a file's output that are looked through for an error. */
const KEPT_OUTPUT = 16_000;

/**
 * Runs one test file in a process of its own.
 * @param {{ path: string, name: string }} file `name`: what it is called in front of people
 * @param {{ node: string, env: NodeJS.ProcessEnv, limitMs: number, print: (text: string) => void }} options `limitMs`: milliseconds that the
 *   file may take; `print` gets what the tests tell people
 * @returns {Promise<import('./file-result.mjs').FileResult>}
 */
export async function runTestFile({ path, name }, { node, env, limitMs, print }) {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-tests-'));
  const record = join(folder, 'record.jsonl');
  try {
    const reporters = [lib('screen-reporter.mjs'), 'stdout', lib('record-reporter.mjs'), record];
    const args = reporters.map((value, i) => `--test-reporter${i % 2 === 0 ? '' : '-destination'}=${value}`);
    let output = '';
    const onText = (/** @type {string} */ text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
      print(text);
    };
    const startedAt = performance.now();
    const command = ['--import', lib('preload.mjs'), '--test-force-exit', ...args, path];
    const trouble = await runGroup(node, command, { cwd: ROOT, env: { ...env, NODE_ENV: 'test' }, limitMs, onText });
    const text = existsSync(record) ? await readFile(record, 'utf8') : '';
    return resultOf({ name, ms: performance.now() - startedAt, trouble, output }, text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} name of a file in this folder */
function lib(name) {
  return join(ROOT, 'scripts/lib/tests', name);
}
