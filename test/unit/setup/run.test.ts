import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { run } from '../../../scripts/lib/run.mjs';

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../scripts/lib/run.mjs')).href;
const node = process.execPath;

describe('running a command', () => {
  it('gives its exit status, the end of what it printed, and each line as it comes', async () => {
    const lines: string[] = [];
    const { code, output } = await run(node, ['-e', 'process.stdout.write("one\\ntw"); process.stdout.write("o\\n"); process.exitCode = 3'], { onLine: (line) => lines.push(line) });
    assert.equal(code, 3);
    assert.equal(output, 'one\ntwo\n');
    assert.deepEqual(lines, ['one', 'two']);
  });

  it('gives 127 where there is no such command, and where the file is no program', async () => {
    assert.equal((await run('framelock-has-no-such-command', [])).code, 127);
    const folder = await mkdtemp(join(tmpdir(), 'framelock-run-'));
    await writeFile(join(folder, 'broken'), '\x7fELF and nothing of a program', { mode: 0o755 });
    assert.equal((await run(join(folder, 'broken'), [])).code, 127);
    await rm(folder, { recursive: true });
  });

  it('ends one that has said nothing for too long', async () => {
    const { code } = await run(node, ['-e', 'setInterval(() => {}, 1000)'], { quietMs: 200 });
    assert.equal(code, 128 + 9);
  });

  it('ends the command, then itself, when it is told to end', async () => {
    const child = launch(`run(${JSON.stringify(node)}, ['-e', 'console.log(process.pid); setInterval(() => {}, 1000)'], { onLine: (line) => console.log(line) })`);
    const pid = Number(await firstLine(child));
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [143, null]);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});

describe('handing over to a command', () => {
  const script = (text: string) => `process.exitCode = await handOver(${JSON.stringify(node)}, ['-e', ${JSON.stringify(text)}], { env: process.env })`;

  it('takes over its exit status', async () => {
    assert.deepEqual(await once(launch(script('process.exitCode = 7')), 'exit'), [7, null]);
    assert.deepEqual(await once(launch(script('process.kill(process.pid, "SIGKILL")')), 'exit'), [137, null]);
  });

  it('hands signals on, and leaves it to the command how it ends', async () => {
    const child = launch(script('process.on("SIGTERM", () => { console.log("ending"); process.exit(5); }); setInterval(() => {}, 1000); console.log("ready")'));
    const lines = createInterface({ input: child.stdout });
    const [ready] = (await once(lines, 'line')) as [string];
    assert.equal(ready, 'ready');
    const [ending, exit] = [once(lines, 'line'), once(child, 'exit')];
    child.kill('SIGTERM');
    assert.deepEqual(await ending, ['ending']);
    assert.deepEqual(await exit, [5, null]);
  });

  it('ends companions with it', async () => {
    const companion = 'console.log(process.pid); process.stdin.resume(); setInterval(() => {}, 1000)';
    const child = launch(
      `process.exitCode = await handOver(${JSON.stringify(node)}, ['-e', 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)'], { env: process.env, companions: [['-e', ${JSON.stringify(companion)}]] })`,
    );
    const pid = Number(await firstLine(child));
    child.kill('SIGTERM');
    await once(child, 'close');
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});

const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill('SIGKILL')));

/** A process of its own, since signals go to whole processes. */
function launch(expression: string) {
  const child = spawn(node, ['--input-type=module', '-e', `import { handOver, run } from ${JSON.stringify(MODULE)}; ${expression}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

async function firstLine({ stdout }: ReturnType<typeof launch>): Promise<string> {
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  return line;
}
