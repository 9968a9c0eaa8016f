import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Bytes of a command's output that are kept: its end says what went wrong. */
const KEPT_OUTPUT = 16_000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a command to its end. When this process is told to end meanwhile, the command is told too, and this process ends after it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, quietMs?: number }} [options]
 *   `onLine` gets each line of both outputs; after `quietMs` milliseconds without any output the command is ended
 * @returns {Promise<{ code: number, output: string }>} the exit status (127 where there is no such command) and the end of what was printed
 */
export function run(command, args, { cwd, env, onLine, quietMs } = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, { cwd, env: env ?? process.env });
    if (child instanceof Error) return resolve({ code: 127, output: child.message });
    /** @type {NodeJS.Signals | undefined} */
    let told;
    const tell = (/** @type {NodeJS.Signals} */ signal) => {
      told = signal;
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, tell);
    const quiet = quietMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), quietMs);
    let output = '';
    const hear = () => {
      let rest = '';
      return (/** @type {string} */ text) => {
        quiet?.refresh();
        output = (output + text).slice(-KEPT_OUTPUT);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine?.(line);
      };
    };
    child.stdout.setEncoding('utf8').on('data', hear());
    child.stderr.setEncoding('utf8').on('data', hear());
    const end = (/** @type {number} */ code) => {
      clearTimeout(quiet);
      for (const signal of SIGNALS) process.off(signal, tell);
      if (told !== undefined) process.exit(128 + constants.signals[told]);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output = error.message;
      end(127);
    });
    child.on('close', (code, signal) => end(exitStatus(code, signal)));
  });
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string | undefined, env: NodeJS.ProcessEnv }} options
 */
function start(command, args, options) {
  try {
    return spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // Node throws, instead of telling by an event, what it does not expect: a file that is no program, for example.
    return /** @type {Error} */ (error);
  }
}

/**
 * Becomes, as far as one process can, another one: same terminal, signals handed on, its exit status taken over.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, companions?: readonly (readonly string[])[] }} options `companions`: arguments of further
 *   processes of the same command, which end with the first
 * @returns {Promise<number>} the exit status, as a shell gives it
 */
export async function handOver(command, args, { env, companions = [] }) {
  const children = [args, ...companions].map((list) => spawn(command, list, { stdio: 'inherit', env }));
  const tell = (/** @type {NodeJS.Signals} */ signal) => children.forEach((child) => child.kill(signal));
  for (const signal of SIGNALS) process.on(signal, tell);
  const [first] = children;
  try {
    return await new Promise((resolve, reject) => {
      first?.on('error', reject);
      first?.on('exit', (code, signal) => resolve(exitStatus(code, signal)));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, tell);
    tell('SIGTERM');
  }
}

/** @param {number | null} code @param {NodeJS.Signals | null} signal */
function exitStatus(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
