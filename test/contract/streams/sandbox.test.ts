import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { pino } from 'pino';
import { Child } from '../../../src/processes/child.ts';
import { streamGrants } from '../../../src/processes/sandbox/grants.ts';
import { Sandbox, SandboxError } from '../../../src/processes/sandbox/sandbox.ts';
import type { Attempt } from '../../support/confined-program.ts';

const PROGRAM = fileURLToPath(new URL('../../support/confined-program.ts', import.meta.url));
const silent = pino({ level: 'silent' });

describe('a confined process', () => {
  let folder: string;
  let media: string;
  let secret: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'framelock-confined-'));
    media = mkdtempSync(join(folder, 'media-'));
    secret = join(folder, 'framelock.db');
    writeFileSync(secret, 'secret');
    writeFileSync(join(media, 'picture.pgm'), 'P5 2 2 255\nabcd');
  });
  after(() => rmSync(folder, { recursive: true }));

  async function attempts(sandbox: Sandbox, ...wanted: Attempt[]): Promise<string[]> {
    const child = new Child({ entry: PROGRAM, launcher: sandbox.around(streamGrants(PROGRAM, [media])), logger: silent, scrub: (text) => text });
    child.send([...wanted]);
    const [results] = (await once(child, 'message')) as [string[]];
    await child.exited;
    return results;
  }

  test('reads media and what it runs from, and nothing else; writes nothing; reaches no process', async (t) => {
    const sandbox = Sandbox.open('auto', silent);
    if (sandbox.kind === 'none') return t.skip('absent: this kernel has no Landlock');
    const wanted: [string, Attempt][] = [
      ['ok', ['read', join(media, 'picture.pgm')]],
      ['ok', ['demux', join(media, 'picture.pgm')]],
      ['ok', ['list', media]],
      ['EACCES', ['read', secret]],
      ['EACCES', ['list', folder]],
      ['EACCES', ['read', '/etc/passwd']],
      ['EACCES', ['read', `/proc/${process.pid}/environ`]],
      ['EACCES', ['write', join(media, 'new')]],
      ['EACCES', ['write', join(media, 'picture.pgm')]],
      ['EACCES', ['write', join(tmpdir(), 'framelock-new')]],
      ['EPERM', ['signal', String(process.pid)]],
    ];
    const results = await attempts(sandbox, ...wanted.map(([, attempt]) => attempt));
    const kept = wanted.map(([result, attempt]) => [result, attempt]);
    assert.deepEqual(wanted.map(([, attempt], index) => [results[index], attempt]), kept);
  });

  test('is not confined where that is configured', async () => {
    assert.deepEqual(await attempts(Sandbox.open('off', silent), ['read', secret]), ['ok']);
  });

  test('runs all the same where the machine can’t confine it, unless that is required', () => {
    assert.equal(Sandbox.open('auto', silent, () => 'no Landlock').kind, 'none');
    assert.throws(() => Sandbox.open('required', silent, () => 'no Landlock'), SandboxError);
  });
});
