import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { problemOf, workerPath } from '../../../scripts/mediasoup-worker/index.mjs';

/** Packages that every Debian has. */
const BASE = ['libc6', 'libgcc-s1'];

const worker = process.env['MEDIASOUP_WORKER_BIN'] ?? workerPath();

describe('the mediasoup worker', { skip: existsSync(worker) ? false : 'there is no worker yet: npm run setup' }, () => {
  it('lets media through', async () => {
    assert.equal(await problemOf(worker), undefined);
  });

  it('needs no libraries but those that the image installs', async (context) => {
    const { code, output } = await run('objdump', ['-p', worker]);
    if (code === 127) return context.skip('objdump is not here (Debian package binutils)');
    const installed = (await readFile(join(ROOT, 'Dockerfile'), 'utf8')).split(/\s+/);
    const libraries = [...output.matchAll(/NEEDED\s+(\S+)/g)].map(([, name]) => name ?? '');
    assert.ok(libraries.includes('libc.so.6'));
    for (const library of libraries) {
      const owners = (await run('dpkg', ['-S', `*/${library}`])).output.split('\n').map((line) => line.split(':')[0] ?? '');
      assert.ok(owners.some((owner) => BASE.includes(owner) || installed.includes(owner)), `${library} is in ${owners.join()}, which the image does not install`);
    }
  });
});

it('a program that is no mediasoup worker is told from one', async () => {
  assert.match((await problemOf('/bin/true')) ?? '', /does not start/);
});
