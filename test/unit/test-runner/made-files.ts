import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestFile } from '../../../scripts/lib/tests/run.mjs';

/** Small test files in a folder that is removed in the end. */
export interface MadeFiles extends AsyncDisposable {
  readonly folder: string;
  readonly files: TestFile[];
}

/** @param texts what stands in each file, by name, behind an import of `test` */
export async function makeFiles(texts: Readonly<Record<string, string>>): Promise<MadeFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-made-tests-'));
  const files = Object.entries(texts).map(([name, text]) => ({ path: join(folder, `${name}.test.ts`), name, share: 0.5, text }));
  for (const { path, text } of files) await writeFile(path, `import test from 'node:test';\n${text}`);
  return { folder, files, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

export const PASSES = `test('passes', () => {});`;
export const FAILS = `test('fails', () => { throw new Error('always'); });`;

/** Fails in its first run, and has two tests: one passes in any. */
export const FAILS_ONCE = `
  import { existsSync, writeFileSync } from 'node:fs';
  test('passes', () => {});
  test.describe('a thing', () => {
    test('works by chance', () => {
      const mark = import.meta.filename + '.ran';
      if (existsSync(mark)) return;
      writeFileSync(mark, '');
      throw new Error('bad luck');
    });
  });`;
