import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { workerPath } from '../../../scripts/mediasoup-worker/index.mjs';
import { downloadPrebuilt } from '../../../scripts/mediasoup-worker/prebuilt.mjs';

const PRINT_ENV = join(ROOT, 'scripts', 'mediasoup-worker', 'print-env.mjs');
const worker = process.env['MEDIASOUP_WORKER_BIN'] ?? workerPath();

describe('a prebuilt worker', { skip: existsSync(worker) ? false : 'there is no worker yet: npm run setup' }, () => {
  let folder = '';
  let server: Server;
  let url = '';
  let archive: Buffer = Buffer.alloc(0);
  let answer: RequestListener;
  let asked: (string | undefined)[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-prebuilt-'));
    archive = await pack('good', (file) => copyFile(worker, file));
    server = createServer((request, response) => {
      asked.push(request.url);
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    asked = [];
    answer = (_, response) => response.end(archive);
  });

  it('is taken into the cache once, by two starts at the same time', async () => {
    const cache = join(folder, 'cache');
    const [first, second] = await Promise.all([ensure(cache), ensure(cache)]);
    assert.deepEqual([first.status, second.status], [0, 0]);
    assert.equal(first.stdout, second.stdout);
    assert.equal(asked.length, 1);
    const [, path = ''] = /^export MEDIASOUP_WORKER_BIN='(.*)'\n$/.exec(first.stdout) ?? [];
    assert.deepEqual(await readFile(path), await readFile(worker));
    assert.deepEqual(await readdir(dirname(dirname(path))), [basename(dirname(path))]);

    assert.equal((await ensure(cache)).stdout, first.stdout);
    assert.equal(asked.length, 1, 'a good one in the cache is used');

    await appendFile(path, 'damage');
    assert.equal((await ensure(cache)).status, 0);
    assert.equal(asked.length, 2, 'a damaged one is replaced');
    assert.deepEqual(await readFile(path), await readFile(worker));
  });

  it('is not asked for where another is named, which has to run', async () => {
    const named = await ensure(join(folder, 'unused'), { MEDIASOUP_WORKER_BIN: worker });
    assert.equal(named.stdout, `export MEDIASOUP_WORKER_BIN='${worker}'\n`);
    const wrong = await ensure(join(folder, 'unused'), { MEDIASOUP_WORKER_BIN: '/bin/true' });
    assert.equal(wrong.status, 1);
    assert.match(wrong.stderr, /MEDIASOUP_WORKER_BIN names \/bin\/true.*unset it/s);
    assert.deepEqual(asked, []);
  });

  for (const [what, reply, problem] of [
    ['a page of a portal in the way', (_, response) => response.end('<html>Please sign in</html>'), /no archive of a worker/],
    ['an error', (_, response) => response.writeHead(404).end(), /the answer was 404/],
    ['nothing', () => undefined, /no answer from 127\.0\.0\.1/],
    ['a part, and then nothing', (_, response) => response.write(archive.subarray(0, 1000)), /no answer from 127\.0\.0\.1/],
  ] satisfies [string, RequestListener, RegExp][]) {
    it(`is done without where ${what} comes instead`, async () => {
      answer = reply;
      await assert.rejects(download(problem.source.startsWith('no answer') ? 300 : undefined), problem);
    });
  }

  it('is done without where the archive holds something else', async () => {
    const script = await pack('script', (file) => writeFile(file, '#!/bin/sh\nexit 0\n'));
    answer = (_, response) => response.end(script);
    await assert.rejects(download(), /no program/);
    const other = await pack('other', (file) => writeFile(`${file}.txt`, ''));
    answer = (_, response) => response.end(other);
    await assert.rejects(download(), /no archive of a worker/);
  });

  /** @param stallMs until nothing more is waited for; left out, so long that what comes has come */
  async function download(stallMs = 60_000): Promise<string> {
    const target = await mkdtemp(join(folder, 'download-'));
    return downloadPrebuilt({ url, folder: target, log: { say: () => undefined, progress: () => undefined }, stallMs });
  }

  async function ensure(cache: string, env: NodeJS.ProcessEnv = {}): Promise<{ status: number; stdout: string; stderr: string }> {
    const base = { ...process.env, FRAMELOCK_CACHE_DIR: cache, MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL: url };
    const child = spawn(process.execPath, [PRINT_ENV], { env: { ...base, MEDIASOUP_WORKER_BIN: '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    return { status, stdout, stderr };
  }

  /** An archive as the releases have it, of what `write` makes of the worker's path. */
  async function pack(name: string, write: (file: string) => Promise<void>): Promise<Buffer> {
    const place = join(folder, name);
    await mkdir(place);
    await write(join(place, 'mediasoup-worker'));
    const target = join(folder, `${name}.tgz`);
    assert.equal((await run('tar', ['-czf', target, '-C', place, ...(await readdir(place))])).code, 0);
    return readFile(target);
  }
});
