import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { download, type DownloadProgress } from '../../../src/models/download.ts';

const CONTENT = randomBytes(300_000);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

async function setUp(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-download-'));
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/model.onnx`, path: join(folder, 'models', 'model.onnx'), folder: join(folder, 'models') };
}

/** A server as they are: with ranges. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= CONTENT.length) return void response.writeHead(416).end();
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': CONTENT.length - from }).end(CONTENT.subarray(from));
}

test('a file is fetched whole, with progress, and nothing else is left', async (t) => {
  const { url, path, folder } = await setUp(t, serve);
  const seen: DownloadProgress[] = [];
  await download({ url, path, sha256: SHA256, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(await readFile(path), CONTENT);
  assert.deepEqual(await readdir(folder), ['model.onnx']);
  assert.deepEqual(seen.at(0), { received: 0, total: CONTENT.length });
  assert.deepEqual(seen.at(-1), { received: CONTENT.length, total: CONTENT.length });
});

test('a broken download is gone on with where it stopped', async (t) => {
  const ranges: (string | undefined)[] = [];
  let hangUp: () => void = () => assert.fail('nothing was asked for');
  const { url, path } = await setUp(t, (request, response) => {
    ranges.push(request.headers.range);
    if (ranges.length > 1) return serve(request, response);
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 100_000));
    hangUp = () => response.destroy();
  });
  const onProgress = ({ received }: DownloadProgress): void => void (received > 0 && hangUp());
  await assert.rejects(download({ url, path, sha256: SHA256, onProgress }), { code: 'model-download' });
  const { length } = await readFile(`${path}.part`);
  assert.ok(length > 0);
  await download({ url, path, sha256: SHA256 });
  assert.deepEqual(ranges, [undefined, `bytes=${length}-`]);
  assert.deepEqual(await readFile(path), CONTENT);
});

test('a server without ranges gives the whole file again', async (t) => {
  const { url, path, folder } = await setUp(t, (_request, response) => response.writeHead(200).end(CONTENT));
  await download({ url, path: join(folder, 'other.onnx') });
  await writeFile(`${path}.part`, Buffer.alloc(1000));
  await download({ url, path, sha256: SHA256 });
  assert.deepEqual(await readFile(path), CONTENT);
});

test('a part that is whole already is only checked', async (t) => {
  const { url, path, folder } = await setUp(t, serve);
  await download({ url, path: join(folder, 'other.onnx') });
  await writeFile(`${path}.part`, CONTENT);
  await download({ url, path, sha256: SHA256 });
  assert.deepEqual(await readFile(path), CONTENT);
});

test('something else than the expected file is thrown away', async (t) => {
  const { url, path, folder } = await setUp(t, (_request, response) => response.end('<html>please sign in</html>'));
  await assert.rejects(download({ url, path, sha256: SHA256 }), { code: 'model-download', message: /sha256 differs/ });
  assert.deepEqual(await readdir(folder), []);
});

test('an answer that is no success is said', async (t) => {
  const { url, path } = await setUp(t, (_request, response) => response.writeHead(404).end());
  await assert.rejects(download({ url, path }), { code: 'model-download', message: /the server answers 404 Not Found/ });
});

test('a server that falls silent is given up', async (t) => {
  const { url, path } = await setUp(t, (_request, response) => {
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 10));
  });
  await assert.rejects(download({ url, path, stallMs: 100 }), { code: 'model-download', message: /nothing came for 0\.1 s/ });
});

test('a server that can’t be reached is said, with the reason', async (t) => {
  const { path } = await setUp(t, serve);
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const url = `http://127.0.0.1:${port}/model.onnx`;
  await assert.rejects(download({ url, path }), { code: 'model-download', message: `${url} can't be fetched: connect ECONNREFUSED 127.0.0.1:${port}` });
});
