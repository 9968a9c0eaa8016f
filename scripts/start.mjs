/** `npm start`: sets up what is missing, then runs the server in the foreground. `--dev` watches server and client. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';
import { fail } from './lib/say.mjs';
import { setup } from './setup.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--dev');
const dev = process.argv.includes('--dev');

try {
  const { node, env } = await setup({ client: !dev });
  const server = [...(dev ? ['--watch', '--watch-preserve-output'] : []), join(ROOT, 'src', 'main.ts'), ...args];
  const children = [start(node, server, env)];
  if (dev) children.push(start(node, [join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', 'client', '--watch'], env));
  // A signal to this process alone (kill, a container's stop) is handed on; one from a terminal reaches all of them by itself.
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGINT', 'SIGHUP'])) {
    process.on(signal, () => children.forEach((child) => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)));
  }
  children[0]?.on('exit', (code, signal) => {
    for (const child of children) child.kill();
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
} catch (error) {
  fail(error);
}

/**
 * @param {string} node
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 */
function start(node, argv, env) {
  // The server ends when this process is gone, however that came about.
  const child = spawn(node, argv, { cwd: process.cwd(), stdio: 'inherit', env: { ...env, FRAMELOCK_LAUNCHER_PID: String(process.pid) } });
  child.on('error', fail);
  return child;
}
