import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../scripts/lib/npm-parent.mjs')).href;

describe('a script that npm runs', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'framelock-npm-'));
    // The script says who it is, then when it is told to end; its output stays open for as long as it lives.
    const script = `import { endWithNpm } from ${JSON.stringify(MODULE)};
      endWithNpm();
      process.on('SIGTERM', () => { console.log('told to end'); process.exit(); });
      setInterval(() => {}, 1000);
      console.log('up');`;
    await writeFile(join(folder, 'script.mjs'), script);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { go: 'node script.mjs' } }));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`ends in order when npm gets ${signal}`, { timeout: 60_000 }, async () => {
      const npm = spawn('npm', ['run', '--silent', 'go'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
      const lines: string[] = [];
      const reader = createInterface({ input: npm.stdout });
      reader.on('line', (line) => lines.push(line));
      await once(reader, 'line');
      const closed = once(npm.stdout, 'close');
      npm.kill(signal);
      await closed;
      assert.deepEqual(lines, ['up', 'told to end']);
    });
  }
});
