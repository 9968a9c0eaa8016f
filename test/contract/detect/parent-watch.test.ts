import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

const MODULE = join(import.meta.dirname, '../../../src/pipeline/parent-watch.ts');
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'framelock-watch-'));
});
after(() => rm(folder, { recursive: true }));

/**
 * Starts a process that forks one with the watch, kills the first when the second has begun with `work`, and resolves when the second
 * is gone too: its end closes the pipe that it inherited.
 */
async function orphan(work: string): Promise<void> {
  const child = join(folder, 'child.ts');
  await writeFile(child, `import { watchParent } from ${JSON.stringify(MODULE)}; watchParent(); console.log('watching ' + process.pid); setTimeout(() => { ${work} }, 0);`);
  const script = `require('node:child_process').fork(${JSON.stringify(child)}, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(parent.stdout, 'close');
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  assert.match(line, /^watching \d+$/);
  parent.kill('SIGKILL');
  await ended;
}

test('a process whose parent is killed ends', { timeout: 120_000 }, () => orphan('setInterval(() => undefined, 1000)'));

test('so does one whose main thread never gets to see it', { timeout: 120_000 }, () => orphan('for (;;);'));
