import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runTests } from '../../../scripts/lib/tests/run.mjs';
import { slowest, type Totals } from '../../../scripts/lib/tests/summary.mjs';
import { FAILS, FAILS_ONCE, makeFiles, PASSES } from './made-files.ts';

/** More than any made file needs that ends, on the busiest machine. */
const LIMIT_MS = 120_000;
/** What a file gets that never ends; the others beside it would not be done. */
const SHORT_LIMIT_MS = 1000;

/** Runs files with these texts, in folders that nobody else uses. */
async function outcome(texts: Readonly<Record<string, string>>, limitMs = LIMIT_MS): Promise<{ totals: Totals; printed: string }> {
  await using made = await makeFiles(texts);
  let printed = '';
  const totals = await runTests(made.files, { node: process.execPath, env: process.env, limitMs, print: (text) => (printed += text) });
  return { totals, printed };
}

/** What stands below a heading up to an empty line. */
function section(printed: string, heading: string): string[] {
  const lines = printed.split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  if (from < 0) return [];
  const end = lines.indexOf('', from);
  return lines.slice(from, end < 0 ? undefined : end);
}

describe('a run of test files', () => {
  it('counts the tests of all files, and those that were skipped', async () => {
    const { totals, printed } = await outcome({ one: PASSES, two: `${PASSES} test('is skipped', { skip: true }, () => {}); test.describe('a group', () => { test('has one', () => {}); });` });
    assert.deepEqual(totals, { passed: 3, failed: 0, skipped: 1 });
    assert.match(printed, /^one \(\d+\.\d s\)\n✔ passes/m);
    assert.doesNotMatch(printed, /flaky|failed|once more/);
  });

  it('counts a group that was skipped as one, whatever stands in it', async () => {
    const { totals } = await outcome({ none: `test.describe('a group', { skip: 'not here' }, () => { test('has one', () => {}); test('has two', () => {}); });` });
    assert.deepEqual(totals, { passed: 0, failed: 0, skipped: 1 });
  });

  it('leaves out no test of a file that does not end by itself', async () => {
    const { totals } = await outcome({ many: `for (let i = 0; i < 10_000; i++) test('test ' + i, () => {}); setInterval(() => {}, 1000);` });
    assert.deepEqual(totals, { passed: 10_000, failed: 0, skipped: 0 });
  });

  it('names what took longest, the longest first, and nothing that was quick', () => {
    const file = (name: string, ms: number, tests: readonly [name: string, ms: number][]) => ({ name, ms, passed: 1, failed: 0, skipped: 0, tests: tests.map(([name, ms]) => ({ name, ms })) });
    const many = Array.from({ length: 30 }, (_, n) => file(`many-${n}`, 2000 + n, [[`waits`, 1000 + n]]));
    const lines = slowest([file('quick', 900, [['passes', 5]]), ...many, file('long', 61_340, [['a group › waits', 60_000], ['is quick', 999]])]);
    const [files, tests] = lines.join('\n').trim().split('\n\n').map((list) => list.split('\n'));
    assert.deepEqual(files!.slice(0, 3), ['Slowest files:', '   61.3 s  long', '    2.0 s  many-29']);
    assert.deepEqual(tests!.slice(0, 3), ['Slowest tests:', '   60.0 s  long › a group › waits', '    1.0 s  many-29 › waits']);
    assert.deepEqual([files!.length, tests!.length], [1 + 10, 1 + 20]);
    assert.deepEqual(slowest([file('quick', 900, [['passes', 5]])]), []);
  });
});

describe('a test file that fails', () => {
  it('runs once more, and has failed where it fails again', async () => {
    const { totals, printed } = await outcome({ good: PASSES, bad: `${PASSES} ${FAILS}` });
    assert.deepEqual(totals, { passed: 2, failed: 1, skipped: 0 });
    assert.deepEqual(section(printed, 'failed:'), ['failed:', '  bad', '    fails: always']);
    assert.match(printed, /once more, alone:\nbad\n/);
    assert.doesNotMatch(printed, /flaky/);
  });

  it('is called flaky where it passes alone, with its first error, and counts as passed, each test once', async () => {
    const { totals, printed } = await outcome({ good: PASSES, chance: FAILS_ONCE });
    assert.deepEqual(totals, { passed: 3, failed: 0, skipped: 0 });
    assert.deepEqual(section(printed, 'flaky').slice(1), ['  chance', '    a thing › works by chance: bad luck']);
    assert.deepEqual(section(printed, 'failed:'), []);
  });

  it('is forgiven by chance three times, and not four times', async () => {
    const flaky = (count: number) => outcome(Object.fromEntries(Array.from({ length: count }, (_, n) => [`chance-${n}`, FAILS_ONCE])));
    const three = await flaky(3);
    assert.deepEqual(three.totals, { passed: 6, failed: 0, skipped: 0 });
    const four = await flaky(4);
    assert.deepEqual(four.totals, { passed: 4, failed: 4, skipped: 0 });
    const [heading, ...lines] = section(four.printed, 'flaky');
    assert.match(heading!, /count as failed/);
    assert.deepEqual(lines.filter((_line, n) => n % 2 === 0), ['  chance-0', '  chance-1', '  chance-2', '  chance-3']);
  });

  it('does not run again beside ten others: that is no chance', async () => {
    const { totals, printed } = await outcome(Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`bad-${n}`, FAILS])));
    assert.deepEqual(totals, { passed: 0, failed: 11, skipped: 0 });
    assert.doesNotMatch(printed, /once more/);
    assert.equal(section(printed, 'failed:').length, 1 + 2 * 11);
  });

  it('may fail outside its tests too', async () => {
    const { totals, printed } = await outcome({
      hook: `test.describe('a group', () => { test.before(() => { throw new Error('no ground'); }); test('stands on it', () => {}); });`,
      late: `test('is over', () => { setTimeout(() => { throw new Error('too late'); }); }); test('waits', (t, done) => setTimeout(done, 200));`,
      broken: `throw new RangeError('at once');`,
    });
    assert.deepEqual(totals, { passed: 2, failed: 3, skipped: 0 }, printed);
    const failures = section(printed, 'failed:').join('\n');
    assert.match(failures, /hook\n {4}a group: no ground/);
    assert.match(failures, /late\n {4}ended with exit status 1: .*too late/);
    assert.match(failures, /broken\n {4}ended with exit status \d+: .*RangeError.*at once/);
  });

  it('may have no test', async () => {
    const { totals, printed } = await outcome({ empty: '' });
    assert.deepEqual(totals, { passed: 0, failed: 1, skipped: 0 });
    assert.match(printed, /empty\n {4}has no test/);
  });

  it('may end its process, which loses nothing that was done before', async () => {
    // Once the record of the first test is on disk.
    const crash = `import { readFileSync } from 'node:fs';
      const record = process.execArgv.findLast((arg) => arg.startsWith('--test-reporter-destination=')).split('=')[1];
      ${PASSES}
      test('crashes', () => {
        setInterval(() => { if (readFileSync(record, 'utf8').includes('crashes')) process.kill(process.pid, 'SIGKILL'); }, 20);
        return new Promise(() => {});
      });`;
    const { totals, printed } = await outcome({ good: PASSES, crash });
    assert.deepEqual(totals, { passed: 2, failed: 1, skipped: 0 });
    assert.deepEqual(section(printed, 'failed:'), ['failed:', '  crash', '    ended by SIGKILL in crashes']);
  });

  for (const [how, forever] of [
    ['waits', 'setInterval(() => {}, 1000); return new Promise(() => {});'],
    ['works', 'for (;;);'],
  ] as const) {
    it(`may be one that ${how} for ever: it ends at the limit`, async () => {
      const { totals, printed } = await outcome({ hangs: `test('hangs', () => { ${forever} });` }, SHORT_LIMIT_MS);
      assert.deepEqual(totals, { passed: 0, failed: 1, skipped: 0 });
      assert.match(section(printed, 'failed:').join('\n'), /did not end within 1 s/);
    });
  }
});
