import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { childEnvironment } from './child-environment.ts';

const COMPILER = join(import.meta.dirname, 'compile-ahead.ts');
const LIMIT_MS = 30_000;

/**
 * V8's compile cache of a program's modules, with which its processes start in two thirds of the time. Confined processes can only read it, because code
 * written by one would run in the others. So it is written in advance, by a process that handles no media.
 */
export class CodeCache {
  readonly folder: string;
  readonly #logger: Logger;

  /** @param folder created if missing, accessible to this user only @throws Error if it can't be created */
  constructor(folder: string, logger: Logger) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    this.folder = folder;
    this.#logger = logger;
  }

  /** Environment variables by which Node finds it. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_COMPILE_CACHE: this.folder };
  }

  /**
   * Compiles a program into it. Never rejects: without it, processes only start more slowly.
   * @param entry path of the program's main module, which must do nothing without an IPC channel
   * @param nodeArgs options of Node that its processes run with: V8 takes what was compiled with the same options only
   */
  async fill(entry: string, signal: AbortSignal, nodeArgs: readonly string[] = []): Promise<void> {
    const env = { ...childEnvironment(process.env), ...this.env };
    await promisify(execFile)(process.execPath, [...nodeArgs, COMPILER, entry], { env, signal, timeout: LIMIT_MS, killSignal: 'SIGKILL' }).catch((error: unknown) => {
      if (!signal.aborted) this.#logger.warn({ err: error }, 'the code of stream processes could not be compiled ahead; they start more slowly');
    });
  }
}
