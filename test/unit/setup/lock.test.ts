import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { doOnce } from '../../../scripts/lib/lock.mjs';
import { SetupError } from '../../../scripts/lib/say.mjs';

describe('work that one process at a time may do', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-lock-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('is done once by two that want it at the same time, and the second waits for it', async () => {
    const lock = join(folder, 'both');
    let made = 0;
    let waited = 0;
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const work = {
      isDone: () => made > 0,
      make: async () => {
        started.resolve();
        await finish.promise;
        made += 1;
      },
      onWait: () => {
        waited += 1;
        finish.resolve();
      },
    };
    const first = doOnce(lock, work);
    await started.promise;
    await Promise.all([first, doOnce(lock, work)]);
    assert.deepEqual({ made, waited }, { made: 1, waited: 1 });
    assert.equal(existsSync(lock), false);
  });

  it('needs no lock where it is done already', async () => {
    await doOnce(join(folder, 'a file in the way', 'lock'), { isDone: () => true, make: () => assert.fail('it was done again') });
    assert.equal(existsSync(join(folder, 'a file in the way')), false);
  });

  it('is taken over from a process that is gone', async () => {
    const lock = join(folder, 'left');
    await mkdir(lock);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    let made = false;
    await doOnce(lock, {
      isDone: () => made,
      make: () => {
        made = true;
        return Promise.resolve();
      },
      onWait: () => assert.fail('it waited for nobody'),
    });
    assert.equal(made, true);
  });

  it('frees its lock when it fails', async () => {
    const lock = join(folder, 'failing');
    await assert.rejects(doOnce(lock, { isDone: () => false, make: () => Promise.reject(new Error('no')) }), /^Error: no$/);
    assert.equal(existsSync(lock), false);
  });

  it('says which folder can’t be written, and what to do', async () => {
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(doOnce(join(folder, 'file', 'lock'), { isDone: () => false, make: () => Promise.resolve() }), (error) => {
      assert.ok(error instanceof SetupError);
      assert.match(error.message, /can't be written/);
      assert.match(error.advice, /FRAMELOCK_CACHE_DIR/);
      return true;
    });
  });
});
