import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureDebian } from '../lib/debian.mjs';
import { run } from '../lib/run.mjs';
import { progress, say, SetupError } from '../lib/say.mjs';

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

/** Changes to the package's sources, each with its reason. A text that is not there exactly once stops the build. */
const PATCHES = [
  {
    file: 'src/RTC/DtlsTransport.cpp',
    // Debian's OpenSSL has kernel TLS: it asks the memory BIO by a control call whether the kernel sends. The worker's callback
    // answers every control call with 1, which OpenSSL reads as yes; it then allocates no write buffer and crashes at the first
    // handshake. After an operation (BIO_CB_RETURN is set, beside the operation's own bits) the callback must hand its result on.
    from: '(operationType == BIO_CB_RETURN) ? static_cast<long>(ret) : 1',
    to: '((operationType & BIO_CB_RETURN) != 0) ? static_cast<long>(ret) : 1',
  },
];

/**
 * Builds the worker from the sources in its npm package.
 * @param {{ worker: string, recipe: string, folder: string }} places the package's worker folder, this recipe's, and one to build in
 * @returns {Promise<string>} path of the binary, alone in its folder
 */
export async function buildWorker({ worker, recipe, folder }) {
  await ensureDebian(PACKAGES, 'to build the mediasoup worker');
  const patched = join(folder, 'patched');
  for (const { file, from, to } of PATCHES) {
    const source = await readFile(join(worker, file), 'utf8');
    if (source.split(from).length !== 2) {
      throw new SetupError(`${file} of the mediasoup package is not what its patch was made for.`, 'The version in package-lock.json and scripts/mediasoup-worker/build.mjs must be changed together.');
    }
    await mkdir(dirname(join(patched, file)), { recursive: true });
    await writeFile(join(patched, file), source.replace(from, to));
  }
  const build = join(folder, 'build');
  say('building the mediasoup worker (about 260 files)');
  await step('cmake', ['-G', 'Ninja', `-DWORKER=${worker}`, `-DPATCHED=${patched}`, '-S', recipe, '-B', build]);
  await step('ninja', ['-C', build], (line) => {
    const count = /^\[(\d+)\/(\d+)\]/.exec(line);
    if (count !== null) progress(`mediasoup worker: ${count[1]} of ${count[2]}`);
  });
  const target = join(folder, 'built');
  await mkdir(target);
  const binary = join(target, 'mediasoup-worker');
  await step('cp', [join(build, 'mediasoup-worker'), binary]);
  await step('strip', [binary]);
  return binary;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {(line: string) => void} [onLine]
 */
async function step(command, args, onLine) {
  const { code, output } = await run(command, args, onLine === undefined ? {} : { onLine });
  if (code !== 0) throw new SetupError(`${command} failed while the mediasoup worker was built.`, output.slice(-3000));
}
