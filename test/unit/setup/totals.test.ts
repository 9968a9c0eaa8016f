import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';

const REPORTER = join(ROOT, 'scripts/lib/totals-reporter.mjs');
const PRELOAD = join(ROOT, 'scripts/lib/flush-reports.mjs');

/** Runs files of these names with these texts. @param args of Node */
async function totalsOf(files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<{ code: number; totals: unknown }> {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-totals-'));
  try {
    const report = join(folder, 'totals.json');
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `import test from 'node:test'; ${text}`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const paths = Object.keys(files).map((name) => join(folder, name));
    const { code } = await run(process.execPath, [...args, '--test', `--test-reporter=${REPORTER}`, `--test-reporter-destination=${report}`, ...paths], { env });
    return { code, totals: JSON.parse(await readFile(report, 'utf8')) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the totals of a test run', () => {
  it('count every file’s tests, crashes among the failures', async () => {
    const { code, totals } = await totalsOf({
      'a.test.mjs': `test('passes', () => {}); test('is skipped', { skip: true }, () => {});`,
      'b.test.mjs': `test('passes too', () => {}); test('fails', () => { throw new Error('no'); });`,
      'c.test.mjs': `process.kill(process.pid, 'SIGKILL');`,
    });
    assert.notEqual(code, 0);
    assert.deepEqual(totals, { passed: 2, failed: 2, skipped: 1 });
  });

  it('leave out none of a process that does not end by itself', async () => {
    const many = `for (let i = 0; i < 10_000; i++) test('test ' + i, () => {}); setInterval(() => {}, 1000);`;
    const { code, totals } = await totalsOf({ 'many.test.ts': many }, ['--import', PRELOAD, '--test-force-exit']);
    assert.equal(code, 0);
    assert.deepEqual(totals, { passed: 10_000, failed: 0, skipped: 0 });
  });
});
