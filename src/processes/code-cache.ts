import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { childEnvironment } from './child-environment.ts';

const COMPILER = join(import.meta.dirname, 'compile-ahead.ts');
const LIMIT_MS = 30_000;

/**
 * What V8 has made of the modules of a program, kept in a folder, so that its processes start in two thirds of the time. Confined processes read it
 * and can't write to it: what one of them left there would run in the others. So it is written ahead, by a process that sees no media.
 */
export class CodeCache {
  readonly folder: string;
  readonly #logger: Logger;

  /** @param folder made where it is missing, and closed to everybody else; @throws Error where it can't be */
  constructor(folder: string, logger: Logger) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    this.folder = folder;
    this.#logger = logger;
  }

  /** By which Node finds it. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_COMPILE_CACHE: this.folder };
  }

  /**
   * Brings it in step with a program. Never rejects: without it processes start all the same, later.
   * @param entry path of the program's main module, which must do nothing where it has no channel to a parent
   * @param nodeArgs options of Node that its processes run with: with others, they could not use what is made
   */
  async fill(entry: string, signal: AbortSignal, nodeArgs: readonly string[] = []): Promise<void> {
    const env = { ...childEnvironment(process.env), ...this.env };
    await promisify(execFile)(process.execPath, [...nodeArgs, COMPILER, entry], { env, signal, timeout: LIMIT_MS, killSignal: 'SIGKILL' }).catch((error: unknown) => {
      if (!signal.aborted) this.#logger.warn({ err: error }, 'the code of stream processes could not be compiled ahead; they start more slowly');
    });
  }
}
