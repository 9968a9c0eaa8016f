import { chmod, readFile, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';

/** Milliseconds without a byte, connecting included, after which a download is given up: many networks let nothing through. */
const STALL_MS = 8000;
/** Bytes that an archive may have; they have about 2 MB. */
const MOST_BYTES = 64e6;
const ELF = Buffer.from('\x7fELF', 'latin1');

/**
 * Address of the prebuilt worker that mediasoup's project publishes for this machine, as its own install script forms it.
 * @param {{ version: string, repository: { url: string } }} manifest mediasoup's package.json
 * @param {{ platform?: string, arch?: string, kernel?: string, base?: string | undefined }} [machine] `kernel`: such as `6.1.0-9`;
 *   `base`: another place that holds the same files
 */
export function prebuiltUrl({ version, repository }, { platform = process.platform, arch = process.arch, kernel = release(), base } = {}) {
  const releases = base ?? `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/releases/download`;
  return `${releases}/${version}/mediasoup-worker-${version}-${platform}-${arch}${platform === 'linux' ? `-kernel${Number.parseInt(kernel)}` : ''}.tgz`;
}

/**
 * @param {{ url: string, folder: string, log: import('../lib/say.mjs').Log, stallMs?: number }} options `folder`: an empty one
 * @returns {Promise<string>} path of a program for this platform; whether it works is for the caller to try
 * @throws {Error} that says why there is none
 */
export async function downloadPrebuilt({ url, folder, log, stallMs = STALL_MS }) {
  const archive = join(folder, 'worker.tgz');
  await writeFile(archive, await download(url, stallMs, log));
  // The one member that is wanted, so that nothing else can be written anywhere.
  if ((await run('tar', ['-xzf', archive, '-C', folder, 'mediasoup-worker'])).code !== 0) throw new Error('what was sent is no archive of a worker');
  const binary = join(folder, 'mediasoup-worker');
  if (process.platform === 'linux' && !(await readFile(binary)).subarray(0, ELF.length).equals(ELF)) throw new Error('what was sent is no program');
  await chmod(binary, 0o755);
  return binary;
}

/**
 * @param {string} url
 * @param {number} stallMs
 * @param {import('../lib/say.mjs').Log} log
 */
async function download(url, stallMs, log) {
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(new Error(`no answer from ${new URL(url).host}`)), stallMs);
  try {
    const response = await fetch(url, { signal: stall.signal });
    if (!response.ok || response.body === null) throw new Error(`the answer was ${response.status} ${response.statusText}`.trim());
    /** @type {Uint8Array[]} */
    const chunks = [];
    let size = 0;
    for await (const chunk of response.body) {
      timer.refresh();
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) throw new Error('what is sent is too large for a worker');
      log.progress(`downloading ${(size / 1e6).toFixed(1)} MB`);
    }
    return Buffer.concat(chunks);
  } finally {
    clearTimeout(timer);
    stall.abort();
  }
}
