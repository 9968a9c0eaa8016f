import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { wishes } from '../../../scripts/lib/tests/plan.mjs';
import { repeatTests } from '../../../scripts/lib/tests/run.mjs';
import { FAILS, FAILS_ONCE, makeFiles, PASSES } from './made-files.ts';

const LIMIT_MS = 120_000;
const LIB = pathToFileURL(join(import.meta.dirname, '../../../scripts/lib/tests/')).href;

describe('tests that run again and again', () => {
  it('tell how often each file failed, with its first error', async () => {
    await using made = await makeFiles({ good: PASSES, bad: FAILS, chance: FAILS_ONCE });
    let printed = '';
    const totals = await repeatTests(made.files, 3, { node: process.execPath, env: process.env, limitMs: LIMIT_MS, print: (text) => (printed += text) });
    assert.deepEqual(totals, { passed: 3 + 0 + 5, failed: 3 + 1, skipped: 0 });
    const told = printed.slice(printed.lastIndexOf('\n\n')).trim().split('\n');
    assert.deepEqual(told, [
      'good: failed 0 of 3 times',
      'bad: failed 3 of 3 times',
      '    fails: always',
      'chance: failed 1 of 3 times',
      '    a thing › works by chance: bad luck',
    ]);
  });

  it('are asked for by --repeat and --load beside the words', () => {
    assert.deepEqual(wishes(['unit/rtp', 'sfu']), { words: ['unit/rtp', 'sfu'], repeat: undefined, load: false });
    assert.deepEqual(wishes(['--repeat', '20', '--load', 'sfu']), { words: ['sfu'], repeat: 20, load: true });
    assert.deepEqual(wishes(['--load']), { words: [], repeat: 1, load: true });
    for (const wrong of [['--repeat', '0'], ['--repeat', 'often'], ['--often']]) assert.throws(() => wishes(wrong), { name: 'SetupError' });
  });
});

describe('a machine that is kept busy', () => {
  /** Each says first which processes it has started. */
  const children: ReturnType<typeof launch>[] = [];
  after(() => children.forEach((child) => child.kill('SIGKILL')));

  function launch(script: string, args: readonly string[] = []) {
    const modules = `import { busyLoops } from ${JSON.stringify(`${LIB}busy-loops.mjs`)}; import { repeatTests } from ${JSON.stringify(`${LIB}run.mjs`)};`;
    return spawn(process.execPath, ['--input-type=module', '-e', `${modules} const node = process.execPath; ${script}`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async function started(script: string, args: readonly string[] = []) {
    const child = launch(script, args);
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return { child, pids: JSON.parse(line) as number[] };
  }

  it('has a loop for each core, until they are told to stop', async () => {
    const { child, pids } = await started('const loops = busyLoops(node); console.log(JSON.stringify(loops.pids)); process.on("SIGUSR2", () => { loops.stop(); clearInterval(life); }); const life = setInterval(() => {}, 1000);');
    assert.equal(pids.length, availableParallelism());
    assert.ok(pids.every(isThere));
    child.kill('SIGUSR2');
    await once(child, 'exit');
    await gone(pids);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    it(`is free again after ${signal}`, async () => {
      await using made = await makeFiles({ hangs: `import { spawn } from 'node:child_process'; test('hangs', () => { const child = spawn('sleep', ['3600'], { stdio: 'ignore' }); console.log('has ' + process.pid + ' ' + child.pid); return new Promise(() => {}); });` });
      const { child, pids } = await started(
        `const loops = busyLoops(node);
         const files = JSON.parse(process.argv[1]);
         const print = (text) => { const [, one, other] = /has (\\d+) (\\d+)/.exec(text) ?? []; if (one !== undefined) console.log(JSON.stringify([...loops.pids, Number(one), Number(other)])); };
         await repeatTests(files, 2, { node, env: process.env, limitMs: ${LIMIT_MS}, print });`,
        [JSON.stringify(made.files)],
      );
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      await gone(pids);
    });
  }
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(isThere)) await new Promise((resolve) => setTimeout(resolve, 20));
}
