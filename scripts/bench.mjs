/** `npm run bench -- NAME …`: runs benchmarks of `bench/`, all without a name; `--write` also updates docs/benchmarks.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';
import { fail, say, SetupError } from './lib/say.mjs';
import { setup } from './setup.mjs';

const known = readdirSync(join(ROOT, 'bench')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -3)] : []));
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));

try {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new SetupError(`There is no benchmark ${unknown.join(', ')}.`, `There are: ${known.join(', ')}`);
  const { node, env } = await setup({ tests: true });
  for (const name of names.length > 0 ? names : known) {
    say(`benchmark ${name}`);
    const child = spawn(node, ['--expose-gc', join(ROOT, 'bench', `${name}.ts`), ...options], { cwd: ROOT, env, stdio: 'inherit' });
    const [code] = await once(child, 'exit');
    if (code !== 0) process.exitCode = 1;
  }
} catch (error) {
  fail(error);
}
