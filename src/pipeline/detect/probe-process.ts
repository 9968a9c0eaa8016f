import { spawn } from 'node:child_process';

/** What a {@link askProcess} is made from. */
export interface AskedProcess {
  /** Its main module. */
  readonly entry: string;
  /** Its argument, as JSON. */
  readonly question: unknown;
  /** Milliseconds that it may take. */
  readonly timeoutMs: number;
  /** Bytes of memory that it may take. */
  readonly memoryBytes: number;
  /** Called with each message. @returns the milliseconds that it may take from now on, where that changes */
  readonly hear?: (message: unknown) => number | undefined;
}

/** How a process that was asked something ended. */
export interface AskedProcessEnd {
  /** Its last message; undefined where there was none. */
  readonly answer: unknown;
  /** The milliseconds that were too few, where it was ended for that. */
  readonly lateMs: number | undefined;
  /** Its exit code or signal, in words. */
  readonly how: string;
  /** The end of what it wrote. */
  readonly stderr: string;
}

/** Asks a process of its own, which may crash or hang, and resolves when that has ended. Rejects where it can't be started. */
export async function askProcess({ entry, question, timeoutMs, memoryBytes, hear }: AskedProcess): Promise<AskedProcessEnd> {
  const command = [process.execPath, entry, JSON.stringify(question)];
  // The shell sets the limit and becomes Node; Node itself can't limit its own memory.
  const limited = process.platform === 'win32' || memoryBytes === Infinity ? command : ['/bin/sh', '-c', `ulimit -d ${Math.floor(memoryBytes / 1024)}; exec "$@"`, 'sh', ...command];
  const child = spawn(limited[0]!, limited.slice(1), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let lateMs: number | undefined;
  const endIn = (ms: number): NodeJS.Timeout =>
    setTimeout(() => {
      lateMs = ms;
      child.kill('SIGKILL');
    }, ms);
  let timer = endIn(timeoutMs);
  let answer: unknown;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
  child.on('message', (message) => {
    answer = message;
    const leftMs = hear?.(message);
    if (leftMs === undefined) return;
    clearTimeout(timer);
    timer = endIn(leftMs);
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  }).finally(() => clearTimeout(timer));
  return { answer, lateMs, how: signal ?? `exit code ${code}`, stderr };
}
