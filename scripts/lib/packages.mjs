import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { run } from './run.mjs';
import { progress, say, SetupError } from './say.mjs';

const MARK = join(ROOT, 'node_modules', '.framelock-lock');

/** Brings node_modules in step with package-lock.json; does nothing where it is. */
export async function ensurePackages() {
  const lock = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json'))).digest('hex');
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === lock) return;
  say('installing npm packages (about 350, some 250 MB to download the first time)');
  let fetched = 0;
  const { code, output } = await run('npm', ['ci', '--include=dev', '--include=optional', '--loglevel=http'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'development' },
    onLine: (line) => {
      if (/http (fetch|cache)/.test(line)) progress(`npm: ${++fetched} packages looked up or fetched`);
    },
  });
  if (code !== 0) {
    const errors = output.split('\n').filter((line) => /npm (error|ERR!)/.test(line)).slice(0, 12).join('\n');
    throw new SetupError(
      `npm ci failed (exit status ${code}).`,
      `${errors || output.slice(-1500)}\n\nCheck that the npm registry can be reached (npm ping) and that the disk has 2 GB free; then run the command again.`,
    );
  }
  writeFileSync(MARK, lock);
}
