import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Milliseconds that processes which were told to end have for it. */
const GRACE_MS = 5000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Leaders of groups that have not ended. @type {Set<number>} */
const leaders = new Set();
/** @type {NodeJS.Signals | undefined} */
let told;

process.on('exit', () => leaders.forEach((pid) => signalGroup(pid, 'SIGKILL')));

/**
 * Runs a command in a process group of its own: whatever it starts and leaves behind ends with it. When this process is told to end, the
 * groups are told first, and no further one is started.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env: NodeJS.ProcessEnv, limitMs?: number, onText: (text: string) => void }} options `onText` gets what is printed;
 *   after `limitMs` milliseconds the group is ended
 * @returns {Promise<string | undefined>} how it ended where that was not well, such as `ended by SIGSEGV`
 */
export function runGroup(command, args, { cwd, env, limitMs, onText }) {
  // This process is about to end: nothing comes of it any more.
  if (told !== undefined) return new Promise(() => {});
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) add(pid);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      if (pid !== undefined) end(pid, 'SIGTERM');
    }, limitMs ?? 2 ** 31 - 1);
    child.stdout.setEncoding('utf8').on('data', onText);
    child.stderr.setEncoding('utf8').on('data', onText);
    child.on('exit', () => {
      clearTimeout(limit);
      // Whatever is left of it would hold its outputs open, and the machine busy.
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
    });
    const done = (/** @type {string | undefined} */ trouble) => {
      clearTimeout(limit);
      if (pid !== undefined) remove(pid);
      if (told === undefined) resolve(trouble);
    };
    child.on('error', ({ message }) => done(message));
    child.on('close', (code, signal) => {
      if (late) done(`did not end within ${(limitMs ?? 0) / 1000} s`);
      else if (signal !== null) done(`ended by ${signal}`);
      else done(code === 0 ? undefined : `ended with exit status ${code}`);
    });
  });
}

/** @param {number} leader */
function add(leader) {
  if (leaders.size === 0) for (const signal of SIGNALS) process.on(signal, endAll);
  leaders.add(leader);
}

/** @param {number} leader */
function remove(leader) {
  leaders.delete(leader);
  if (leaders.size > 0) return;
  for (const signal of SIGNALS) process.off(signal, endAll);
  if (told !== undefined) process.exit(128 + constants.signals[told]);
}

/** @param {NodeJS.Signals} signal */
function endAll(signal) {
  told = signal;
  leaders.forEach((leader) => end(leader, signal));
}

/** @param {number} leader @param {NodeJS.Signals} signal */
function end(leader, signal) {
  signalGroup(leader, signal);
  setTimeout(() => signalGroup(leader, 'SIGKILL'), GRACE_MS).unref();
}

/** @param {number} leader @param {NodeJS.Signals} signal */
function signalGroup(leader, signal) {
  try {
    if (leaders.has(leader)) process.kill(-leader, signal);
  } catch {
    // The whole group has ended.
  }
}
