import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Counts, and looks now and then whether the process that started it is still there. */
const LOOP = `while (process.ppid === Number(process.argv[1])) for (let i = 0; i < 1e7; i += 1);`;

/**
 * Keeps every core busy until it is told to stop, or this process ends in whatever way.
 * @param {string} node
 * @returns {{ readonly pids: readonly number[], stop(): void }}
 */
export function busyLoops(node) {
  const loops = Array.from({ length: availableParallelism() }, () => spawn(node, ['-e', LOOP, String(process.pid)], { stdio: 'ignore' }));
  return {
    pids: loops.flatMap(({ pid }) => pid ?? []),
    stop: () => loops.forEach((loop) => loop.kill('SIGKILL')),
  };
}
