/** `npm start`: sets up what is missing, then runs the server in the foreground. `--dev` watches server and client. */
import { join } from 'node:path';
import { viteBinary } from './lib/client.mjs';
import { endWithNpm } from './lib/npm-parent.mjs';
import { ROOT } from './lib/paths.mjs';
import { handOver } from './lib/run.mjs';
import { fail } from './lib/say.mjs';
import { setup } from './setup.mjs';

const MAIN = join(ROOT, 'src', 'main.ts');
const args = process.argv.slice(2).filter((arg) => arg !== '--dev');

endWithNpm();
try {
  process.exitCode = process.argv.includes('--dev') ? await develop() : await serve();
} catch (error) {
  fail(error);
}

async function serve() {
  const { node, env } = await setup();
  // The server ends when this process is gone, however that came about.
  return handOver(node, [MAIN, ...args], { env: { ...env, FRAMELOCK_LAUNCHER_PID: String(process.pid) } });
}

/** Node's watcher starts the server anew when a source changes, Vite the build. */
async function develop() {
  const { node, env } = await setup({ only: ['packages', 'worker', 'debian', 'gpu'] });
  const server = ['--watch', '--watch-preserve-output', MAIN, ...args];
  return handOver(node, server, { env, companions: [[viteBinary(), 'build', join(ROOT, 'client'), '--watch']] });
}
