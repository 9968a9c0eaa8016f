/** `npm run bench -- NAME … [--write]`: sets up, then runs benchmarks of `bench/`, all without a name; options go on to them. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { endWithNpm } from './lib/npm-parent.mjs';
import { ROOT } from './lib/paths.mjs';
import { handOver } from './lib/run.mjs';
import { fail, say, SetupError } from './lib/say.mjs';
import { setup } from './setup.mjs';

const known = readdirSync(join(ROOT, 'bench')).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : []));
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));

endWithNpm();
try {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new SetupError(`There is no benchmark ${unknown.join(', ')}.`, `There are: ${known.join(', ')}`);
  const { node, env } = await setup({ tests: true });
  for (const name of names.length > 0 ? names : known) {
    say(`Benchmark ${name}`);
    const status = await handOver(node, ['--expose-gc', join(ROOT, 'bench', `${name}.ts`), ...options], { env });
    if (status !== 0) process.exitCode = status;
    if (status > 128) break;
  }
} catch (error) {
  fail(error);
}
