import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeBinary, ROOT } from './paths.mjs';
import { run } from './run.mjs';

const PACKAGE = join(ROOT, 'node_modules', 'onnxruntime-node');
const PROVIDER = join(PACKAGE, 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime_providers_cuda.so');
/** Goes with the package, so that a fresh installation tries again. */
const MARK = join(PACKAGE, '.framelock-cuda-tried');
/** Where ONNX Runtime's own install script downloads from. */
const FEED = 'https://api.nuget.org/v3/index.json';
/** Milliseconds for a first answer, so that a network without a way out costs no more than this, once. */
const ANSWER_MS = 8000;
/** The library is some 300 MB and comes without a word of progress: milliseconds to wait for it. */
const LIMIT_MS = 600_000;

/**
 * Where there is an NVIDIA GPU, has ONNX Runtime fetch its CUDA provider, which is too large for npm. Tried once; detection runs on
 * the CPU without it.
 * @param {{ log: import('./say.mjs').Log, again?: boolean }} options `again`: also where it was tried before
 */
export async function offerCuda({ log, again = false }) {
  if (process.platform !== 'linux' || process.arch !== 'x64' || existsSync(PROVIDER) || (existsSync(MARK) && !again)) return;
  const gpu = await run('nvidia-smi', ['-L']);
  if (gpu.code !== 0 || !gpu.output.includes('GPU ')) return;
  log.say('fetching ONNX Runtime’s CUDA library for the NVIDIA GPU (about 300 MB, tried once)');
  const problem = await fetchProvider();
  writeFileSync(MARK, `${problem ?? 'done'}\n`);
  if (problem === undefined) log.say('done; it also needs CUDA 12 and cuDNN 9 on this machine');
  else log.say(`it can’t be had (${problem}). Detection runs on the CPU; npm run setup -- --only gpu tries again`);
}

/** @returns {Promise<string | undefined>} why it could not be had */
async function fetchProvider() {
  try {
    await fetch(FEED, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    return `no answer from ${new URL(FEED).host}`;
  }
  // Told what to fetch, because by itself the script does nothing when it runs below `npm start`.
  const { code, output } = await run(nodeBinary(), [join(PACKAGE, 'script', 'install.js'), '--onnxruntime-node-install=cuda12'], { cwd: PACKAGE, quietMs: LIMIT_MS });
  if (code === 0 && existsSync(PROVIDER)) return undefined;
  return /Error: .*/.exec(output)?.[0] ?? `its install script ended with ${code}`;
}
