import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { ROOT } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';

it('the totals of a test run count every file’s tests, crashes among the failures', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'framelock-totals-'));
  try {
    const head = `import test from 'node:test';`;
    await writeFile(join(folder, 'a.test.mjs'), `${head} test('passes', () => {}); test('is skipped', { skip: true }, () => {});`);
    await writeFile(join(folder, 'b.test.mjs'), `${head} test('passes too', () => {}); test('fails', () => { throw new Error('no'); });`);
    await writeFile(join(folder, 'c.test.mjs'), `process.kill(process.pid, 'SIGKILL');`);
    const report = join(folder, 'totals.json');
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const files = ['a', 'b', 'c'].map((name) => join(folder, `${name}.test.mjs`));
    const reporter = join(ROOT, 'scripts/lib/totals-reporter.mjs');
    const { code } = await run(process.execPath, ['--test', `--test-reporter=${reporter}`, `--test-reporter-destination=${report}`, ...files], { env });
    assert.notEqual(code, 0);
    assert.deepEqual(JSON.parse(await readFile(report, 'utf8')), { passed: 2, failed: 2, skipped: 1 });
  } finally {
    await rm(folder, { recursive: true });
  }
});
