import { availableParallelism, totalmem } from 'node:os';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebian } from '../lib/debian.mjs';
import { run } from '../lib/run.mjs';
import { SetupError } from '../lib/say.mjs';
import { writePatched } from './patches.mjs';

/** What Debian has to provide. */
const PACKAGES = [
  'cmake',
  'ninja-build',
  'g++',
  'pkg-config',
  'flatbuffers-compiler',
  'libflatbuffers-dev',
  'libuv1-dev',
  'libssl-dev',
  'libsrtp2-dev',
  'libabsl-dev',
];
/** Memory that one compiler may need, in bytes; more of them at a time than memory for them ends with the kernel killing one. */
const COMPILER_MEMORY = 1.25e9;

/**
 * Builds the worker from the sources in its npm package.
 * @param {{ worker: string, recipe: string, folder: string, log: import('../lib/say.mjs').Log }} options the package's worker folder,
 *   this recipe's, and an empty one to build in
 * @returns {Promise<string>} path of the binary
 */
export async function buildWorker({ worker, recipe, folder, log }) {
  await ensureDebian(PACKAGES, { purpose: 'to build the mediasoup worker', log });
  const patched = join(folder, 'patched');
  const build = join(folder, 'build');
  await writePatched(worker, patched);
  log.say('compiling (some minutes, once)');
  await step('cmake', ['-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release', `-DWORKER=${worker}`, `-DPATCHED=${patched}`, '-S', recipe, '-B', build]);
  await step('ninja', ['-C', build, '-j', String(compilers(availableParallelism(), totalmem()))], (line) => {
    const count = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (count !== null) log.progress(`compiling ${count[1]}/${count[2]}`);
  });
  const binary = join(folder, 'mediasoup-worker');
  await copyFile(join(build, 'mediasoup-worker'), binary);
  await step('strip', [binary]);
  return binary;
}

/**
 * How many compilers may run at a time.
 * @param {number} cores
 * @param {number} memory bytes
 */
export function compilers(cores, memory) {
  return Math.max(1, Math.min(cores, Math.floor(memory / COMPILER_MEMORY)));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {(line: string) => void} [onLine]
 */
async function step(command, args, onLine) {
  const { code, output } = await run(command, args, onLine === undefined ? {} : { onLine });
  if (code === 0) return;
  // What failed comes first in a compiler's output, and what others printed while they ended comes after it.
  const failed = output.slice(Math.max(0, output.indexOf('FAILED:')));
  throw new SetupError(`${command} failed while the mediasoup worker was built (exit status ${code}).`, failed.slice(0, 4000));
}
