import { fork, type ChildProcess, type Serializable } from 'node:child_process';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { childEnvironment } from './child-environment.ts';
import { ChildLog } from './child-log.ts';
import type { Scrub } from './scrub.ts';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
}

/** What a {@link Child} is made from. */
export interface ChildInit {
  /** Path of its main module. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** A command, with its arguments, that runs Node in its own place. */
  readonly launcher?: readonly string[];
  /** Variables beside those that every process of ours has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logger: Logger;
  readonly scrub: Scrub;
  /** How long it may take to end by itself, in ms, and then after SIGTERM. */
  readonly graceMs?: number;
  readonly termMs?: number;
}

interface ChildEvents {
  /** What came over its channel, as it came. */
  message: [unknown];
  exit: [Exit];
}

/** One process of our own that talks over an IPC channel: started at once, ended for certain. */
export class Child extends EventEmitter<ChildEvents> {
  /** Settled when the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #graceMs: number;
  readonly #termMs: number;
  #gone = false;

  constructor({ entry, args = [], nodeArgs = [], launcher = [], env = {}, logger, scrub, graceMs = 2000, termMs = 1000 }: ChildInit) {
    super();
    this.#graceMs = graceMs;
    this.#termMs = termMs;
    const [execPath, ...execArgv] = [...launcher, process.execPath, ...nodeArgs];
    this.#process = fork(entry, args, {
      execPath: execPath!,
      execArgv,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...childEnvironment(process.env), ...env, FRAMELOCK_LOG_LEVEL: logger.level },
    });
    const log = new ChildLog(logger, scrub);
    if (this.#process.stdout) log.follow(this.#process.stdout, 'info');
    if (this.#process.stderr) log.follow(this.#process.stderr, 'warn');
    this.#process.on('message', (message) => this.emit('message', message));
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit): void => {
        if (this.#gone) return;
        this.#gone = true;
        this.#release();
        resolve(exit);
        this.emit('exit', exit);
      };
      this.#process.once('exit', (code, signal) => end({ code, signal }));
      this.#process.on('error', (error) => {
        // The same event also tells of messages that could not be sent to a process that is about to end.
        if (this.#process.pid === undefined) end({ code: null, signal: null, error });
        else logger.debug({ err: error }, 'the channel to a process failed');
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /**
   * Sends a message, if there is still somebody to take it.
   * @param socket shared with the process by it: the caller closes its own end when the process has said that it has the connection,
   *   or has ended. (Node, where it is to close it, does not if the process is killed meanwhile, and whoever is connected waits for good.)
   */
  send(message: Serializable, socket?: Socket): void {
    if (this.#gone || !this.#process.connected) return;
    // What Node itself keeps of connections that a server gave away lets that server never end once their process is gone.
    if (socket !== undefined) Object.assign(socket, { server: undefined });
    // An error here means that the process is ending, which `exited` tells.
    this.#process.send(message, socket, { keepOpen: true }, () => undefined);
  }

  /** Ends it: asked by a message, then by SIGTERM, then by SIGKILL. Settles when it is gone; may be called again. */
  async stop(message: Serializable): Promise<Exit> {
    if (this.#gone) return this.exited;
    this.send(message);
    const term = setTimeout(() => this.#process.kill('SIGTERM'), this.#graceMs);
    const kill = setTimeout(() => this.kill(), this.#graceMs + this.#termMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(term);
      clearTimeout(kill);
    }
  }

  /** Ends it without asking. */
  kill(): void {
    if (!this.#gone) this.#process.kill('SIGKILL');
  }

  /** Gives the channel and the pipes back, whoever may still hold their other ends. */
  #release(): void {
    if (this.#process.connected) this.#process.disconnect();
    const pipes = [this.#process.stdout, this.#process.stderr];
    const timer = setTimeout(() => pipes.forEach((pipe) => pipe?.destroy()), 1000);
    timer.unref();
    this.#process.once('close', () => clearTimeout(timer));
  }
}
