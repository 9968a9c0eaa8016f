import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { childEnvironment } from '../../../src/processes/child-environment.ts';
import { Child } from '../../../src/processes/child.ts';
import { CodeCache } from '../../../src/processes/code-cache.ts';
import { STREAM_HEAP_FLAGS } from '../../../src/processes/heap-flags.ts';
import { streamGrants } from '../../../src/processes/sandbox/grants.ts';
import { Sandbox } from '../../../src/processes/sandbox/sandbox.ts';
import type { Attempt } from '../../support/confined-program.ts';

const PROGRAM = fileURLToPath(new URL('../../support/confined-program.ts', import.meta.url));
const silent = pino({ level: 'silent' });

describe('the compiled code of stream processes', () => {
  let data: string;
  before(() => {
    data = mkdtempSync(join(tmpdir(), 'framelock-code-'));
  });
  after(() => rmSync(data, { recursive: true }));

  /** Files of the cache with the times of their last change. */
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? [`${one.name} ${statSync(join(one.parentPath, one.name)).mtimeMs}`] : []));

  test('is kept in a folder that is closed to others, and is made once', { timeout: 120_000 }, async () => {
    const cache = new CodeCache(join(data, 'cache', 'code'), silent);
    assert.equal(statSync(cache.folder).mode & 0o777, 0o700);
    await cache.fill(PROGRAM, new AbortController().signal);
    const made = files(cache.folder);
    assert.ok(made.length > 0, 'something was compiled');
    await cache.fill(PROGRAM, new AbortController().signal);
    assert.deepEqual(files(cache.folder), made);
  });

  test('is used by processes with the heap of a stream process', { timeout: 120_000 }, async () => {
    const cache = new CodeCache(join(data, 'cache', 'same'), silent);
    await cache.fill(PROGRAM, new AbortController().signal, STREAM_HEAP_FLAGS);
    const made = files(cache.folder);
    // What it could not use it would make again.
    await promisify(execFile)(process.execPath, [...STREAM_HEAP_FLAGS, PROGRAM], { env: { ...childEnvironment(process.env), ...cache.env } });
    assert.deepEqual(files(cache.folder), made);
  });

  test('can be read and not be changed by a confined process', { timeout: 120_000 }, async (t) => {
    const sandbox = Sandbox.open('auto', silent);
    if (sandbox.kind === 'none') return t.skip('absent: this kernel has no Landlock');
    const cache = new CodeCache(join(data, 'cache', 'code'), silent);
    await cache.fill(PROGRAM, new AbortController().signal);
    const made = files(cache.folder);
    const child = new Child({ entry: PROGRAM, launcher: sandbox.around(streamGrants(PROGRAM, [cache.folder])), env: cache.env, logger: silent, scrub: (text) => text });
    const attempts: Attempt[] = [
      ['list', cache.folder],
      ['write', join(cache.folder, 'new')],
    ];
    child.send(attempts);
    const [results] = (await once(child, 'message')) as [string[]];
    await child.exited;
    assert.deepEqual(results, ['ok', 'EACCES']);
    assert.deepEqual(files(cache.folder), made);
  });
});
