import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefCounted } from '../../../src/sfu/ref-counted.ts';

function recorded(): { log: string[]; shared: RefCounted<string, string> } {
  const log: string[] = [];
  let count = 0;
  const shared = new RefCounted<string, string>(
    async (key) => {
      const made = `${key}${++count}`;
      log.push(`make ${made}`);
      return made;
    },
    (value) => log.push(`unmake ${value}`),
  );
  return { log, shared };
}

describe('a shared thing', () => {
  it('is made once for all who come meanwhile, and unmade after the last', async () => {
    const { log, shared } = recorded();
    const refs = await Promise.all([shared.acquire('a'), shared.acquire('a'), shared.acquire('b')]);
    assert.deepEqual(refs.map(({ value }) => value), ['a1', 'a1', 'b2']);
    assert.deepEqual([...shared.values()], ['a1', 'b2']);
    refs[0]!.release();
    refs[0]!.release();
    assert.deepEqual(log, ['make a1', 'make b2']);
    refs[1]!.release();
    assert.deepEqual(log, ['make a1', 'make b2', 'unmake a1']);
    assert.equal((await shared.acquire('a')).value, 'a3');
  });

  it('is not taken from somebody who asked before the last user left', async () => {
    const { log, shared } = recorded();
    const first = await shared.acquire('a');
    const coming = shared.acquire('a');
    first.release();
    assert.equal((await coming).value, 'a1');
    assert.deepEqual(log, ['make a1']);
  });

  it('is tried again where making it failed', async () => {
    let attempts = 0;
    const shared = new RefCounted<string, number>(
      async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('not yet');
        return attempts;
      },
      () => undefined,
    );
    await assert.rejects(Promise.all([shared.acquire('a'), shared.acquire('a')]), /not yet/);
    assert.equal((await shared.acquire('a')).value, 2);
  });

  it('is made anew after everything is gone, and former users don’t take that away', async () => {
    const { log, shared } = recorded();
    const before = await shared.acquire('a');
    shared.clear();
    const after = await shared.acquire('a');
    assert.equal(after.value, 'a2');
    before.release();
    assert.deepEqual([...shared.values()], ['a2']);
    assert.deepEqual(log, ['make a1', 'make a2', 'unmake a1']);
  });
});
