import { join } from 'node:path';
import { ROOT } from '../paths.mjs';
import { runGroup } from './groups.mjs';

const CHECKS = [
  { name: 'linting', tool: 'node_modules/eslint/bin/eslint.js', args: ['.'] },
  { name: 'the directions of imports', tool: 'scripts/check-imports.mjs', args: [] },
  { name: 'the types of server and tests', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'the types of the web client', tool: 'node_modules/typescript/bin/tsc', args: ['-p', 'client/tsconfig.json'] },
];

/**
 * Checks what can be checked without running it, one by one: a steady load, beside which tests can run.
 * @param {{ node: string, env: NodeJS.ProcessEnv, print: (text: string) => void }} options
 * @returns {Promise<import('./file-result.mjs').FileResult[]>} each that fails counts as one
 */
export async function checks({ node, env, print }) {
  const results = [];
  for (const { name, tool, args } of CHECKS) results.push(await check(name, node, [join(ROOT, tool), ...args], env, print));
  return results;
}

/**
 * @param {string} name
 * @param {string} node
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @param {(text: string) => void} print
 * @returns {Promise<import('./file-result.mjs').FileResult>}
 */
async function check(name, node, args, env, print) {
  const startedAt = performance.now();
  let output = '';
  const error = await runGroup(node, args, { cwd: ROOT, env, onText: (text) => (output += text) });
  const ms = performance.now() - startedAt;
  print(`${name} (${(ms / 1000).toFixed(1)} s)\n${output}`);
  return { name, ms, passed: 0, failed: error === undefined ? 0 : 1, skipped: 0, ...(error === undefined ? {} : { error }), tests: [] };
}
